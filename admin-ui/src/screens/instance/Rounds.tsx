import type { HealthView, RoundView } from "../../../../server/instance/wire.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Num, Time } from "../../ui/Figures.tsx";
import { formatDuration, formatSpan } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";

const words: Readonly<Record<string, string>> = {
  "release-holds": "Give lapsed holds back",
  "reset-sandbox": "Reset the sandbox",
  prove: "Look at the invariants",
  "roll-up-usage": "Add usage up",
  "hear-for-webhooks": "Hear for webhooks",
  "deliver-webhooks": "Deliver webhooks",
  forget: "Forget what is over",
  "forget-declines": "Forget old declines",
  "purge-worlds": "Delete old worlds",
  "watch-indexes": "Watch the indexes",
  "redeliver-webhooks": "Send deliveries again",
  "roll-up-agents": "Count agents' asks",
  "run-imports": "Work on imports",
};

const roundColumns: readonly SmallColumn<RoundView>[] = [
  {
    id: "name",
    header: "Round",
    cell: ({ name, reason }) => (
      <>
        {words[name] ?? name}
        {reason !== null && (
          <span className="block max-w-72 text-sm wrap-anywhere whitespace-normal text-bad">
            {reason}
          </span>
        )}
      </>
    ),
  },
  {
    id: "state",
    header: "State",
    cell: ({ state }) => {
      if (state === "ok") return <Badge tone="ok">fine</Badge>;
      return <Badge tone={state === "late" ? "warn" : "bad"}>{state}</Badge>;
    },
  },
  { id: "last", header: "Last turn", cell: ({ endedAt }) => <Time at={endedAt} /> },
  {
    id: "every",
    header: "Every",
    align: "end",
    cell: ({ everySeconds }) => formatSpan(everySeconds * 1_000),
  },
  { id: "ms", header: "Took", align: "end", cell: ({ ms }) => formatDuration(ms) },
  { id: "did", header: "Did", align: "end", cell: ({ did }) => <Num value={did} /> },
];

export function Rounds({ rounds }: { readonly rounds: readonly RoundView[] }) {
  return (
    <Panel title="What the workers do as time passes" flush>
      {rounds.length === 0 ? (
        <p className="px-4 pb-4 text-mute">
          No round has been noted yet: a worker notes each when it has done it.
        </p>
      ) : (
        <SmallTable
          label="Rounds of the workers"
          columns={roundColumns}
          rows={rounds}
          rowKey={({ name }) => name}
          isMarked={({ state }) => state === "failed"}
        />
      )}
    </Panel>
  );
}

type Found = HealthView["invariants"][number];

const invariantColumns: readonly SmallColumn<Found>[] = [
  {
    id: "name",
    header: "Promise",
    cell: ({ name, says }) => (
      <span className="block max-w-96 whitespace-normal">
        <code className="font-mono text-xs">{name}</code>
        <span className="block text-sm text-mute">{says}</span>
      </span>
    ),
  },
  {
    id: "breaches",
    header: "Broken",
    align: "end",
    cell: ({ breaches }) =>
      breaches === null ? <span className="text-mute">not seen</span> : <Num value={breaches} />,
  },
  {
    id: "checked",
    header: "Looked at",
    cell: ({ checkedAt }) =>
      checkedAt === null ? <span className="text-mute">never</span> : <Time at={checkedAt} />,
  },
];

export function Invariants({ found }: { readonly found: readonly Found[] }) {
  return (
    <Panel title="Invariants, over all tenants" flush>
      <SmallTable
        label="Invariants"
        columns={invariantColumns}
        rows={found}
        rowKey={({ name }) => name}
        isMarked={({ breaches }) => breaches !== null && breaches > 0}
      />
    </Panel>
  );
}
