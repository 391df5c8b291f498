import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { CallersView } from "../../../../server/usage/wire.ts";
import { get } from "../../api/client.ts";
import { Num, Time } from "../../ui/Figures.tsx";
import { Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { PanelSkeleton } from "../../ui/States.tsx";

type Row = CallersView["data"][number];

const columns: readonly SmallColumn<Row>[] = [
  { id: "caller", header: "Key or person", cell: (row) => <Caller row={row} /> },
  { id: "commits", header: "Commits", align: "end", cell: (row) => <Num value={row.commits} /> },
  { id: "holds", header: "Holds", align: "end", cell: (row) => <Num value={row.holds} /> },
  { id: "others", header: "Afterwards", align: "end", cell: (row) => <Num value={row.others} /> },
  { id: "declines", header: "Declines", align: "end", cell: (row) => <Num value={row.declines} /> },
  { id: "last", header: "Last ask", align: "end", cell: ({ lastAt }) => <Time at={lastAt} /> },
];

/** Who sent the asks of these days. */
export function Callers({ from, to }: { readonly from: string; readonly to: string }) {
  const { data, error } = useQuery({
    queryKey: ["usage", "callers", { from, to }],
    queryFn: ({ signal }) => get<CallersView>("/v1/usage/callers", { query: { from, to }, signal }),
  });
  return (
    <Panel title="By key" flush>
      {error && !data && (
        <div className="px-4 pb-4">
          <ProblemNote error={error} />
        </div>
      )}
      {!data && !error && <PanelSkeleton />}
      {data && (
        <SmallTable
          label="Usage by key"
          columns={columns}
          rows={data.data}
          rowKey={({ caller }) => caller ?? ""}
        />
      )}
    </Panel>
  );
}

function Caller({ row: { caller, name } }: { readonly row: Row }) {
  if (caller === null) return <span className="text-mute">not noted then</span>;
  if (!caller.startsWith("key:")) return <>{name ?? "Somebody who was removed"}, in the console</>;
  return (
    <Link
      to="/keys/$id"
      params={{ id: caller.slice("key:".length) }}
      className="inline-flex min-h-7 max-w-80 items-center truncate underline decoration-line underline-offset-2 hover:decoration-ink"
    >
      {name ?? caller}
    </Link>
  );
}
