import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Pager } from "../../ui/Pager.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";

interface ListOf<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

/** A list in each of its states: on its way, empty, none that fit, in doubt, filled. */
export function ListScreen<Row extends { readonly id: string }>({
  noun,
  label,
  list,
  columns,
  cursor,
  rowHref,
  rowHeight,
  isFiltered,
  empty,
}: {
  /** Of the rows: "items". */
  readonly noun: string;
  readonly label: string;
  readonly list: UseQueryResult<ListOf<Row>>;
  readonly columns: readonly Column<Row>[];
  readonly cursor: string | undefined;
  readonly rowHref: (row: Row) => string;
  readonly rowHeight?: number;
  readonly isFiltered: boolean;
  readonly empty: ReactNode;
}) {
  const { data: found, error, refetch } = list;
  if (error && !found) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!found) return <SkeletonRows />;
  if (found.data.length === 0 && cursor === undefined) {
    if (!isFiltered) return empty;
    return (
      <p role="status" className="rounded-lg border bg-panel px-6 py-10 text-center text-mute">
        No {noun} fit these filters.
      </p>
    );
  }
  const { data: rows, nextCursor } = found;
  const footer = <Pager cursor={cursor} nextCursor={nextCursor} count={rows.length} noun={noun} />;
  return (
    <>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      <Table
        label={label}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        rowHref={rowHref}
        footer={footer}
        {...(rowHeight !== undefined && { rowHeight })}
      />
    </>
  );
}
