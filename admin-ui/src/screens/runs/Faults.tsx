import type { RunView } from "../../../../server/runs/wire.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { Panel } from "../../ui/Page.tsx";
import { whole } from "./words.ts";

/** What was done to it on purpose, and how often it happened. */
export function Faults({ run: { faults, report } }: { readonly run: RunView }) {
  if (!faults) return null;
  const { cutPercent = 0, lostCommitPercent = 0, slowMs = 0, homeAway = false } = faults;
  const done = report?.faults;
  const lost = done && done.commitsLostBefore + done.commitsLostAfter;
  const before = done ? `, ${whole(done.commitsLostBefore)} of them before they arrived` : "";
  const rows: readonly (readonly [string, string, number | undefined])[] = [
    ["Connections cut", `${cutPercent} of a hundred round trips`, done?.cuts],
    ["Commits lost", `${lostCommitPercent} of a hundred${before}`, lost],
    ["Home region away", "from a quarter of the agents on", done?.failovers],
  ];
  const asked = rows.filter((_, at) => [cutPercent > 0, lostCommitPercent > 0, homeAway][at]);
  return (
    <Panel title="Faults, on purpose">
      <table className="w-full">
        <caption className="sr-only">What was done to the connections of this run</caption>
        <tbody>
          {asked.map(([name, note, count]) => (
            <tr key={name}>
              <th scope="row" className="py-0.5 text-start font-normal">
                {name} <span className="block text-sm text-mute">{note}</span>
              </th>
              <td className="py-0.5 text-end align-top text-lg font-semibold tabular-nums">
                {count === undefined ? "–" : whole(count)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {slowMs > 0 && <p>Each round trip took {whole(slowMs)} ms longer.</p>}
      {!done && <p className="text-sm text-mute">They are counted when the run is over.</p>}
    </Panel>
  );
}

/** The books that it sold from. */
export function World({ run: { world, worldId } }: { readonly run: RunView }) {
  if (worldId === null) return null;
  return (
    <Panel title="Its world">
      {world === "gone" ? (
        <p className="text-mute">
          The books that it sold from were deleted when their days were over. What is shown here
          stays.
        </p>
      ) : (
        <div className="flex flex-col gap-2">
          <p className="text-mute">
            Books of its own, apart from yours. Whoever runs the server proves them again:
          </p>
          <CodeBlock
            code={`npm run -s zerorace -- prove --tenant ${worldId}`}
            label="command"
            wraps
          />
        </div>
      )}
      <div className="mt-2">
        <IdText id={worldId} label="Copy the id of its world" />
      </div>
    </Panel>
  );
}
