import { useState } from "react";
import type { FaultsView, ImportView } from "../../../../server/imports/wire.ts";
import { Button } from "../../ui/Button.tsx";
import { ExportButton } from "../../ui/ExportButton.tsx";
import { Num } from "../../ui/Figures.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { ErrorState, PanelSkeleton } from "../../ui/States.tsx";
import { useThing } from "../selling/things.ts";

interface Line {
  readonly key: string;
  readonly line: number;
  readonly column: string | null;
  readonly detail: string;
  readonly cell: string;
}

const columns: readonly SmallColumn<Line>[] = [
  { id: "line", header: "Line", align: "end", cell: ({ line }) => <Num value={line} /> },
  { id: "column", header: "Column", cell: ({ column }) => column ?? "the row" },
  {
    id: "cell",
    header: "Cell",
    cell: ({ cell }) => (
      <code className="block max-w-[16rem] truncate pt-0.5 font-mono text-xs leading-5">
        {cell}
      </code>
    ),
  },
  {
    id: "detail",
    header: "Problem",
    cell: ({ detail }) => <span className="block min-w-[18rem] whitespace-normal">{detail}</span>,
  },
];

/** Which rows are bad, and why: a page of them here, all of them as a file. */
export function BadRows({ it, title }: { readonly it: ImportView; readonly title: string }) {
  const [after, setAfter] = useState(0);
  const found = useThing<FaultsView>("imports", it.id, "faults", { limit: 20, after });
  const path = `/v1/imports/${it.id}/faults`;
  const name = `bad-rows-of-${it.fileName.replaceAll(/[^\w-]+/g, "-")}`;
  return (
    <Panel title={title} actions={<ExportButton path={path} query={{}} name={name} />} flush>
      {found.data ? (
        <>
          <SmallTable
            label={title}
            columns={columns}
            rows={linesOf(found.data)}
            rowKey={({ key }) => key}
          />
          <Pages view={found.data} after={after} go={setAfter} />
        </>
      ) : found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <PanelSkeleton />
      )}
    </Panel>
  );
}

function Pages({
  view: { nextAfter },
  after,
  go,
}: {
  readonly view: FaultsView;
  readonly after: number;
  readonly go: (after: number) => void;
}) {
  if (after === 0 && nextAfter === null) return null;
  return (
    <nav aria-label="Pages of bad rows" className="flex justify-end gap-2 border-t px-4 py-2">
      {after > 0 && (
        <Button size="small" onClick={() => go(0)}>
          First
        </Button>
      )}
      {nextAfter !== null && (
        <Button size="small" onClick={() => go(nextAfter)}>
          Next
        </Button>
      )}
    </nav>
  );
}

function linesOf({ data, headers }: FaultsView): Line[] {
  return data.flatMap(({ row, line, faults, cells }) =>
    faults.map(({ column, detail }, nth) => {
      const cell = column === null ? cells.join(" ") : cells[headers.indexOf(column)];
      return { key: `${row}-${nth}`, line, column, detail, cell: cell ?? "" };
    }),
  );
}
