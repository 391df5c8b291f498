import { Link } from "@tanstack/react-router";
import type { WholeAgentView } from "../../../../server/agents/wire.ts";
import { Num } from "../../ui/Figures.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable } from "../../ui/SmallTable.tsx";
import { SplitBar } from "../../ui/SplitBar.tsx";
import { reasonOf } from "../reasons.ts";

type Decline = WholeAgentView["declines"][number];

/** By constraint, each leading to the asks that it refused. */
export function Declines({
  agent: { id, declines, declined },
}: {
  readonly agent: WholeAgentView;
}) {
  if (declines.length === 0) {
    return (
      <Panel title="What refused it">
        <p className="text-mute">Nothing was ever declined.</p>
      </Panel>
    );
  }
  const parts = declines.map(({ reason, asks }) => {
    const { label, colour } = reasonOf(reason);
    return { label, value: asks, shown: asks, colour: `var(${colour})` };
  });
  return (
    <Panel title="What refused it" flush>
      <div className="px-4 pb-3">
        <SplitBar parts={parts} />
      </div>
      <SmallTable<Decline>
        label="Declines by constraint"
        rows={declines}
        rowKey={({ reason }) => reason}
        columns={[
          {
            id: "reason",
            header: "Constraint",
            cell: ({ reason }) => {
              const { label, colour } = reasonOf(reason);
              return (
                <span className="flex items-center gap-2">
                  <span
                    aria-hidden="true"
                    className="size-2.5 rounded-xs"
                    style={{ background: `var(${colour})` }}
                  />
                  {label}
                </span>
              );
            },
          },
          { id: "asks", header: "Asks", align: "end", cell: ({ asks }) => <Num value={asks} /> },
          {
            id: "share",
            header: "Of its declines",
            align: "end",
            cell: ({ asks }) => <Num value={asks / Math.max(1, declined)} style="percent" />,
          },
          {
            id: "see",
            header: "Where",
            align: "end",
            cell: ({ reason }) => (
              <Link
                to="/purchases"
                search={{ agentId: id, outcome: "declined", reason }}
                className="inline-flex min-h-7 items-center underline decoration-line underline-offset-2 hover:decoration-ink"
              >
                See them
              </Link>
            ),
          },
        ]}
      />
    </Panel>
  );
}

type AskedWithRow = WholeAgentView["mandates"][number];

export function AskedWith({
  title,
  noun,
  rows,
}: {
  readonly title: string;
  readonly noun: "mandate" | "key";
  readonly rows: readonly AskedWithRow[];
}) {
  if (rows.length === 0) return null;
  return (
    <Panel title={title} flush>
      <SmallTable<AskedWithRow>
        label={title}
        rows={rows}
        rowKey={({ id }) => id}
        columns={[
          { id: "name", header: "Name", cell: (row) => <Named noun={noun} row={row} /> },
          { id: "asks", header: "Asks", align: "end", cell: ({ asks }) => <Num value={asks} /> },
        ]}
      />
    </Panel>
  );
}

function Named({ noun, row }: { readonly noun: "mandate" | "key"; readonly row: AskedWithRow }) {
  const { id, name } = row;
  const link =
    "inline-flex min-h-7 max-w-96 items-center truncate underline decoration-line underline-offset-2";
  if (noun === "mandate") {
    return (
      <Link to="/mandates/$id" params={{ id }} className={link}>
        {name ?? id}
      </Link>
    );
  }
  if (!id.startsWith("key:")) return <>A person, in the console</>;
  return (
    <Link to="/keys/$id" params={{ id: id.slice("key:".length) }} className={link}>
      {name ?? id}
    </Link>
  );
}
