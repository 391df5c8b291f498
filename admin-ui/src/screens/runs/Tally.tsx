import type { ReactNode } from "react";
import type { RunFrame } from "../../../../server/runs/wire.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Panel } from "../../ui/Page.tsx";
import { whole, type Seen } from "./words.ts";

/** What went on underneath, none of which any agent noticed. */
export function Tally({ seen }: { readonly seen: Seen }) {
  const rows: readonly (readonly [string, number, string])[] = [
    ["Asked twice", seen.replays, "same answer, byte for byte"],
    ["Told something else", seen.replaysMismatched, "of those who asked twice"],
    ["Lost races", seen.lostRaces, "batches that ran again"],
    ["Sent again", seen.sentAgain, "no answer in time, same key"],
    ["Key conflicts", seen.conflicts, "one key, two bodies"],
    ["Memory", seen.peakMb, "MB at most, of its process"],
  ];
  return (
    <Panel title="Underneath">
      <table className="w-full">
        <caption className="sr-only">What went on underneath</caption>
        <tbody>
          {rows.map(([name, count, note]) => (
            <tr key={name}>
              <th scope="row" className="py-0.5 text-start font-normal">
                {name} <span className="block text-sm text-mute">{note}</span>
              </th>
              <td className="py-0.5 text-end align-top text-lg font-semibold tabular-nums">
                {whole(count)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** Shown where the database has more than one way to it. */
export function Regions({ regions }: { readonly regions: RunFrame["regions"] }): ReactNode {
  if (regions.length < 2) return null;
  const all = regions.reduce((sum, { batches }) => sum + batches, 0);
  return (
    <Panel title="Regions">
      <ul className="flex flex-col gap-3">
        {regions.map(({ name, batches, isUsed }, at) => (
          <li key={name} className="flex flex-col gap-1">
            <span className="flex items-center gap-2">
              <span className="min-w-0 truncate">{name}</span>
              {at === 0 && <Badge>home</Badge>}
              {!isUsed && (
                <Badge tone="bad" icon="cross">
                  left alone
                </Badge>
              )}
              <span className="ms-auto tabular-nums">{whole(batches)} transactions</span>
            </span>
            <span aria-hidden="true" className="h-1.5 rounded-sm bg-sunk">
              <span
                className="block h-full rounded-sm bg-accent"
                style={{ width: `${all === 0 ? 0 : (batches / all) * 100}%` }}
              />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
