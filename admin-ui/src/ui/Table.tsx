import { Link } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useLayoutEffect, useRef, useState, type CSSProperties, type ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** A track of the grid: "120px", "minmax(160px, 2fr)", "1fr" by default. */
  readonly width?: string;
  /** The same on a phone, where that is another one. */
  readonly narrow?: string;
  readonly align?: "start" | "end";
  /** Not shown on a phone. */
  readonly wideOnly?: boolean;
  /** The header cannot be seen, only heard: for buttons. */
  readonly hideHeader?: boolean;
}

export interface TableProps<Row> {
  /** What the rows are, for those who listen: "Purchases". */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Where a row leads: the first cell is the link, and the whole row can be pressed. */
  readonly rowHref?: (row: Row) => string;
  /** Under the last row: "Load more", the end of the list. */
  readonly footer?: ReactNode;
  readonly rowHeight?: number;
  /** Inside of a panel that is flush: the panel is its box. */
  readonly bare?: boolean;
}

/** From here on only what can be seen is in the page. */
const manyRows = 80;

/** A table on a CSS grid. It scrolls sideways by itself where it must; long ones are virtual. */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, footer, rowHeight = 40, bare = false } = props;
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const isVirtual = rows.length > manyRows;
  useLayoutEffect(() => {
    // To ask costs a layout of the whole page: not for a table that is shown whole.
    if (isVirtual) setTop((body.current?.getBoundingClientRect().top ?? 0) + scrollY);
  }, [isVirtual]);
  const virtualizer = useWindowVirtualizer({
    count: isVirtual ? rows.length : 0,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: top,
  });
  const shown = isVirtual
    ? virtualizer.getVirtualItems().map(({ index, start }) => ({ index, start: start - top }))
    : rows.map((_, index) => ({ index, start: undefined }));
  const style = {
    "--columns": tracks(columns.map(({ width }) => width)),
    "--narrow": tracks(
      columns.flatMap(({ width, narrow = width, wideOnly }) => (wideOnly === true ? [] : [narrow])),
    ),
  } as CSSProperties;
  const heights = isVirtual ? { height: rows.length * rowHeight } : undefined;
  return (
    <div
      className={classNames(
        "min-w-0 overflow-x-auto bg-panel",
        bare ? "rounded-b-lg border-t" : "rounded-lg border",
      )}
      tabIndex={-1}
    >
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} style={style}>
        <div role="row" aria-rowindex={1} className={rowClass("h-9 border-b text-sm text-mute")}>
          {columns.map((column) => (
            <div key={column.id} role="columnheader" className={cellClass(column)}>
              <span className={column.hideHeader ? "sr-only" : ""}>{column.header}</span>
            </div>
          ))}
        </div>
        <div ref={body} role="rowgroup" className="relative" style={heights}>
          {shown.map(({ index, start }) => (
            <TableRow
              key={props.rowKey(rows[index] as Row)}
              columns={columns}
              rowHref={props.rowHref}
              row={rows[index] as Row}
              index={index}
              start={start}
              rowHeight={rowHeight}
            />
          ))}
        </div>
      </div>
      {footer !== undefined && <div className="border-t px-4 py-2 text-sm text-mute">{footer}</div>}
    </div>
  );
}

/** While one scrolls, only what comes into sight is drawn. */
const TableRow = memo(PlainRow) as typeof PlainRow;

function PlainRow<Row>({
  columns,
  row,
  rowHref,
  index,
  start,
  rowHeight,
}: Pick<TableProps<Row>, "columns"> & {
  readonly rowHref: TableProps<Row>["rowHref"] | undefined;
  readonly row: Row;
  readonly index: number;
  readonly start: number | undefined;
  readonly rowHeight: number;
}) {
  const isPlaced = start !== undefined;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={rowClass(
        "border-b last:border-b-0",
        rowHref !== undefined && "hover:bg-sunk/60 has-focus-visible:bg-sunk/60",
        isPlaced ? "absolute inset-x-0 top-0" : "relative",
      )}
      style={
        isPlaced
          ? { height: rowHeight, transform: `translateY(${start}px)` }
          : { minHeight: rowHeight }
      }
    >
      {columns.map((column, at) => (
        <div key={column.id} role="cell" className={cellClass(column)}>
          {rowHref && at === 0 ? (
            <Link
              to={rowHref(row) as "/"}
              className="min-w-0 truncate font-medium after:absolute after:inset-0"
            >
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </div>
      ))}
    </div>
  );
}

function rowClass(...more: readonly (string | false | undefined)[]): string {
  return classNames(
    "grid grid-cols-(--narrow) md:grid-cols-(--columns) items-center gap-2.5 px-4 md:gap-4 lg:gap-x-6",
    ...more,
  );
}

function tracks(widths: readonly (string | undefined)[]): string {
  return widths.map((width) => width ?? "minmax(0, 1fr)").join(" ");
}

/** What can be pressed in a row lies above the row's own link. */
function cellClass<Row>({ align, wideOnly }: Column<Row>): string {
  return classNames(
    "flex min-w-0 items-center gap-2 truncate",
    "[&_button]:relative [&_button]:z-10 [&_a:not(:first-child)]:z-10",
    align === "end" && "justify-end text-end tabular-nums",
    wideOnly && "max-md:hidden",
  );
}
