import type { HealthLine, HealthView } from "../../../../server/instance/wire.ts";
import { Badge, type Tone } from "../../ui/Badge.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Time } from "../../ui/Figures.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Facts, Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Invariants, Rounds } from "./Rounds.tsx";
import { runbookOf, useHealth } from "./use-health.ts";

const titles: Readonly<Record<HealthLine["id"], string>> = {
  database: "Database",
  redis: "Redis",
  "read-plane": "Copies",
  worker: "Workers",
  outbox: "Outbox",
  "parked-events": "Parked events",
  invariants: "Invariants",
  indexes: "Indexes",
  disk: "Disk",
  backup: "Backup",
};

const looks: Readonly<
  Record<
    HealthLine["state"],
    { readonly tone: Tone; readonly icon: IconName; readonly word: string }
  >
> = {
  ok: { tone: "ok", icon: "check", word: "Fine" },
  warn: { tone: "warn", icon: "alert", word: "Look today" },
  bad: { tone: "bad", icon: "cross", word: "Look now" },
  off: { tone: "neutral", icon: "stop", word: "Not used" },
};

export function Health() {
  const { data, error, refetch } = useHealth();
  if (!data && error) {
    return (
      <div className="flex flex-col gap-3">
        <ErrorState error={error} onRetry={() => void refetch()} />
        <p>
          If it lasts, the database may be away: <Runbook id="database" title="Database" />
        </p>
      </div>
    );
  }
  if (!data) return <SkeletonRows rows={10} />;
  return (
    <div className="flex flex-col gap-4">
      {error && (
        <div className="flex flex-col gap-1">
          <ProblemNote error={error} />
          <p className="text-sm text-mute">
            What is below was seen <Time at={data.lookedAt} />.{" "}
            <Runbook id="database" title="Database" />
          </p>
        </div>
      )}
      <Verdict health={data} />
      <ul className="rounded-lg border bg-panel">
        {data.lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </ul>
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <Rounds rounds={data.rounds} />
        <Invariants found={data.invariants} />
      </div>
      <Build health={data} />
    </div>
  );
}

function Verdict({ health: { lines, state } }: { readonly health: HealthView }) {
  const many = lines.filter((line) => line.state === state).length;
  const things = many === 1 ? "1 thing needs" : `${many} things need`;
  const says = {
    ok: "Everything works.",
    warn: `${things} a look today.`,
    bad: `${things} you now.`,
  }[state];
  const { tone, icon } = looks[state];
  return (
    <p
      role="status"
      className={classNames(
        "flex items-center gap-2.5 text-lg font-semibold",
        tone === "ok" && "text-ok",
        tone === "warn" && "text-warn",
        tone === "bad" && "text-bad",
      )}
    >
      <Icon name={icon} size={18} />
      {says}
    </p>
  );
}

function Line({ line: { id, state, says, todo } }: { readonly line: HealthLine }) {
  const { tone, icon, word } = looks[state];
  const isFine = state === "ok" || state === "off";
  return (
    <li
      aria-label={titles[id]}
      className={classNames(
        "grid grid-cols-[minmax(0,1fr)_max-content] gap-x-4 gap-y-1 border-b px-4 py-2.5",
        "last:border-b-0 sm:grid-cols-[8rem_6.5rem_minmax(0,1fr)_max-content]",
        state === "bad" && "bg-bad/8",
      )}
    >
      <h2 className="font-medium">{titles[id]}</h2>
      <div>
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
      </div>
      <div className="min-w-0 wrap-anywhere max-sm:col-span-2">
        <p className={classNames(isFine && "text-mute")}>{says}</p>
        {todo !== null && (
          <p className="mt-0.5">
            <b className="font-medium">To do:</b> {todo}
          </p>
        )}
      </div>
      <Runbook id={id} title={titles[id]} />
    </li>
  );
}

/** In the docs that this server brings along. */
function Runbook({ id, title }: { readonly id: string; readonly title: string }) {
  return (
    <a
      href={runbookOf(id)}
      target="_blank"
      rel="noreferrer"
      className="inline-flex min-h-6 items-center gap-1 self-start text-accent underline"
    >
      <Icon name="book" size={14} />
      Runbook
      <span className="sr-only"> of {title}, in a new tab</span>
    </a>
  );
}

function Build({ health: { build } }: { readonly health: HealthView }) {
  const { version, node, database, migration, startedAt, memoryBytes } = build;
  return (
    <Panel title="This server">
      <Facts
        facts={[
          ["Version", version],
          ["Node.js", node],
          ["Database", database ?? "not known just now"],
          ["Schema", migration === null ? "not known just now" : `migration ${migration}`],
          ["Started", <Time key="started" at={startedAt} />],
          ["Memory", formatBytes(memoryBytes)],
        ]}
      />
    </Panel>
  );
}
