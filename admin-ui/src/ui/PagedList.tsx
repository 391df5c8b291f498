import type { ReactNode } from "react";
import type { ListWork } from "../api/use-pages.ts";
import { Button } from "./Button.tsx";
import { FreshRows, ListFooter } from "./ListFooter.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "./States.tsx";
import { Table, type Column } from "./Table.tsx";
import { useIsNarrow } from "./use-media.ts";

/** A list of the API in each of its states: on its way, in doubt, empty, filled. */
export function PagedList<Row>({
  list,
  noun,
  columns,
  rowKey,
  rowHref,
  empty,
  skeletonRows = 12,
}: {
  readonly list: ListWork<Row>;
  /** Of the rows: "purchases". */
  readonly noun: string;
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly rowHref: (row: Row) => string;
  readonly empty: ReactNode;
  readonly skeletonRows?: number;
}) {
  const isNarrow = useIsNarrow();
  const { rows, isFirst, error, retry, hasMore } = list;
  if (isFirst) return <SkeletonRows rows={skeletonRows} />;
  if (error && rows.length === 0) return <ErrorState error={error} onRetry={retry} />;
  if (rows.length === 0 && !hasMore) return empty;
  return (
    <div>
      <FreshRows list={list} noun={noun} />
      <Table
        rowHeight={isNarrow ? 56 : 40}
        label={`${noun.charAt(0).toUpperCase()}${noun.slice(1)}`}
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        rowHref={rowHref}
        footer={<ListFooter list={list} noun={noun} />}
      />
    </div>
  );
}

/** A list that is empty because of its filters. */
export function NothingFits({
  onClear,
  children,
}: {
  readonly onClear: () => void;
  /** One sentence: what would be here. */
  readonly children: ReactNode;
}) {
  return (
    <EmptyState
      icon="filter"
      title="Nothing fits these filters"
      action={<Button onClick={onClear}>Clear the filters</Button>}
    >
      {children}
    </EmptyState>
  );
}
