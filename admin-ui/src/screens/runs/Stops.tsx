import { Panel } from "../../ui/Page.tsx";
import { formatNumber } from "../../ui/format.ts";
import { reasonOf } from "../reasons.ts";
import { bought, whole, type Seen } from "./words.ts";

interface Part {
  readonly label: string;
  readonly colour: string;
  readonly count: number;
}

/** What stopped each attempt: a strip, and a table of the same numbers. */
export function Stops({ seen, agents }: { readonly seen: Seen; readonly agents: number }) {
  const parts: Part[] = [
    ...Object.entries(seen.declinedBy)
      .map(([code, count]) => ({ ...reasonOf(code), count }))
      .toSorted((a, b) => b.count - a.count),
    { ...bought, count: seen.sold },
  ];
  const shown = parts.filter(({ count }) => count > 0);
  const soFar = `${whole(seen.answered)} of ${whole(agents)}`;
  return (
    <Panel
      title="What stopped each attempt"
      actions={<span className="text-mute tabular-nums">{soFar}</span>}
    >
      <div aria-hidden="true" className="mb-3 flex h-6 gap-px overflow-hidden rounded-md bg-sunk">
        {shown.map(({ label, colour, count }) => (
          <div
            key={label}
            className="min-w-1"
            style={{ width: `${(count / agents) * 100}%`, background: `var(${colour})` }}
          />
        ))}
      </div>
      <table className="w-full">
        <caption className="sr-only">What stopped each attempt, {soFar} answered</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Answer</th>
            <th scope="col">Agents</th>
            <th scope="col">Share of all</th>
          </tr>
        </thead>
        <tbody>
          {[...parts, ...waiting(seen, agents)].map(({ label, colour, count }) => (
            <tr key={label}>
              <th scope="row" className="flex items-center gap-2 py-0.5 text-start font-normal">
                <span
                  aria-hidden="true"
                  className="size-3 shrink-0 rounded-[3px] border border-transparent"
                  style={{ background: `var(${colour})`, borderColor: `var(${colour})` }}
                />
                {label}
              </th>
              <td className="py-0.5 text-end tabular-nums">{whole(count)}</td>
              <td className="w-20 py-0.5 text-end text-mute tabular-nums">
                {shareOf(count, agents)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function waiting({ answered }: Seen, agents: number): Part[] {
  if (answered >= agents) return [];
  return [{ label: "No answer yet", colour: "--line", count: agents - answered }];
}

/** One in ten thousand is not nothing. */
function shareOf(count: number, all: number): string {
  const share = count / all;
  const digits = share > 0 && share < 0.001 ? 3 : 1;
  return formatNumber(share, {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
