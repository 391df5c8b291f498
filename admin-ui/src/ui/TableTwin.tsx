import { useState, type ReactNode } from "react";

export interface Figures {
  readonly caption: string;
  readonly headers: readonly string[];
  /** Asked for only while the table is open. */
  readonly rows: () => readonly (readonly ReactNode[])[];
}

/** The figures of a picture, for whoever cannot see it or wants to know exactly. */
export function TableTwin({ caption, headers, rows }: Figures) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded-sm py-0.5 text-mute hover:text-ink">Show as table</summary>
      <div
        className="mt-2 max-h-72 overflow-auto rounded-md border"
        tabIndex={0}
        role="region"
        aria-label={caption}
      >
        <table className="w-full">
          <caption className="sr-only">{caption}</caption>
          <thead className="sticky top-0 bg-sunk">
            <tr>
              {headers.map((header, at) => (
                <th key={header} scope="col" className={cell(at)}>
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(isOpen ? rows() : []).map((row, line) => (
              <tr key={line} className="border-t">
                {row.map((value, at) => (
                  <td key={headers[at]} className={cell(at)}>
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

const cell = (at: number): string =>
  `px-3 py-1 font-normal tabular-nums whitespace-nowrap ${at === 0 ? "text-start" : "text-end"}`;
