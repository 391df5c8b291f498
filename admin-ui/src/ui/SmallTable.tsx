import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface SmallColumn<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: "start" | "end";
}

/** A few rows inside a panel, as wide as what is in them; a long list is a `Table`. */
export function SmallTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  isMarked,
  foot,
}: {
  readonly label: string;
  readonly columns: readonly SmallColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** The one that matters: what makes it so is also said in a cell. */
  readonly isMarked?: (row: Row) => boolean;
  /** The last line, by column. */
  readonly foot?: Readonly<Record<string, ReactNode>>;
}) {
  const cell = (align: SmallColumn<Row>["align"], ...more: (string | false)[]): string =>
    classNames(
      "px-4 py-2 align-top whitespace-nowrap",
      align === "end" ? "text-end tabular-nums" : "text-start",
      ...more,
    );
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="overflow-x-auto -outline-offset-2"
    >
      <table aria-label={label} className="w-full border-collapse">
        <thead className="border-y bg-sunk/50 text-sm text-mute">
          <tr>
            {columns.map(({ id, header, align }) => (
              <th key={id} scope="col" className={cell(align, "font-normal")}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              className={classNames("border-b last:border-b-0", isMarked?.(row) && "bg-bad/8")}
            >
              {columns.map(({ id, align, cell: show }) => (
                <td key={id} className={cell(align)}>
                  {show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {foot && (
          <tfoot className="border-t bg-sunk/50 font-medium">
            <tr>
              {columns.map(({ id, align }) => (
                <td key={id} className={cell(align)}>
                  {foot[id]}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}
