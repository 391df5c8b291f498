import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import type { ProofView } from "../../../../server/overview/wire.ts";
import { get } from "../../api/client.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Num, Time, useNow } from "../../ui/Figures.tsx";
import { formatNumber } from "../../ui/format.ts";
import { sayNow } from "../../ui/say.ts";
import { ErrorState } from "../../ui/States.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { ToInstance } from "../../ui/ToInstance.tsx";
import { promises } from "../promises.ts";

type Finding = ProofView["findings"][number];

/** In a paragraph, where a block cannot be. */
const coming = <span aria-hidden="true" className="skeleton inline-block h-6 w-8" />;

const everyMs = 10_000;
/** The rounds rest for longer than they look; a quiet hour of small books is no reason for it. */
const lateMs = 15 * 60_000;

export function Proof() {
  const { data, error, refetch } = useQuery({
    queryKey: ["proof"],
    queryFn: ({ signal }) => get<ProofView>("/v1/tenant/proof", { signal }),
    refetchInterval: everyMs,
  });
  useAlarm(data);
  if (!data && error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const found = new Map(data?.findings.map((finding) => [finding.name, finding]));
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4 lg:grid-cols-1">
        {promises.map(({ finding, label, rule }) => (
          <FindingTile
            key={finding}
            label={label}
            formula={rule}
            finding={found.get(finding)}
            isLoading={!data}
          />
        ))}
      </div>
      {data && <Audits proof={data} />}
    </div>
  );
}

function FindingTile({
  label,
  formula,
  finding,
  isLoading,
}: {
  readonly label: string;
  readonly formula: string;
  readonly finding: Finding | undefined;
  readonly isLoading: boolean;
}) {
  if (isLoading) return <Tile label={label} value={coming} note={twoLines(formula, "…")} />;
  const { count = null, checkedAt = null } = finding ?? {};
  if (checkedAt === null) {
    return <Tile label={label} value="–" note={twoLines(formula, "not checked yet")} />;
  }
  const isFine = count === 0;
  return (
    <Tile
      label={label}
      tone={isFine ? "ok" : "bad"}
      value={count === null ? "?" : <Num value={count} />}
      note={twoLines(
        formula,
        <>
          checked <Time at={checkedAt} />
        </>,
      )}
    />
  );
}

function twoLines(formula: string, age: ReactNode): ReactNode {
  return (
    <span>
      <span className="block">{formula}</span>
      <span className="block">{age}</span>
    </span>
  );
}

function labelOf(finding: string): string {
  const known = promises.find((one) => one.finding === finding);
  return known?.label ?? finding.replaceAll("_", " ");
}

/** What else is looked at, and what to do where nobody looks, or something is wrong. */
function Audits({ proof }: { readonly proof: ProofView }) {
  const now = useNow();
  const { verdict, checkedAt, findings } = proof;
  const broken = findings.filter(({ count, checkedAt: at }) => at !== null && count !== 0);
  if (verdict === "broken") {
    return (
      <Note tone="bad">
        <p className="font-medium">
          Not zero: {broken.map(({ name }) => labelOf(name)).join(", ")}.
        </p>
        <p>{broken[0]?.says}</p>
        <p>See the rows that prove it:</p>
        <CodeBlock code="npm run -s prove" label="command" wraps />
      </Note>
    );
  }
  if (verdict === "unknown" && findings.every(({ checkedAt: at }) => at === null)) {
    return (
      <Note>
        <p className="font-medium">No worker has checked these books yet.</p>
        <p>
          <code className="font-mono text-xs">npm start</code> runs one beside the server.
          Elsewhere, start one:
        </p>
        <CodeBlock code="npm run -s zerorace -- worker" label="command" wraps />
      </Note>
    );
  }
  if (checkedAt !== null && now - Date.parse(checkedAt) > lateMs) {
    return (
      <Note>
        <p>
          The last whole check ended <Time at={checkedAt} />. Is a worker running?
        </p>
        <CodeBlock code="npm run -s zerorace -- worker" label="command" wraps />
      </Note>
    );
  }
  const audits = findings.filter(({ kind }) => kind === "audit");
  const held = audits.filter(({ count }) => count === 0).length;
  return (
    <p className="px-1 text-sm text-mute">
      {verdict === "unknown"
        ? "A worker is on its first way round."
        : `${formatNumber(held)} more checks of the books hold.`}
    </p>
  );
}

function Note({ tone, children }: { readonly tone?: "bad"; readonly children: ReactNode }) {
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      className={`flex min-w-0 flex-col gap-2 rounded-lg border px-4 py-3 text-sm ${
        tone === "bad" ? "border-bad bg-bad/8" : "bg-panel"
      }`}
    >
      {children}
      <ToInstance />
    </div>
  );
}

/** One that leaves zero is said at once, and stands in the title of the window. */
function useAlarm(proof: ProofView | undefined): void {
  const isBroken = proof?.verdict === "broken";
  const names = proof?.findings
    .filter(({ count, checkedAt }) => checkedAt !== null && count !== 0)
    .map(({ name }) => name)
    .join(", ");
  usePageTitle(isBroken ? "BROKEN: Overview" : "Overview");
  useEffect(() => {
    if (isBroken) sayNow(`The books are broken: ${names ?? ""}.`);
  }, [isBroken, names]);
}
