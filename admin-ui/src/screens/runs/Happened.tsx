import type { RunEvent, RunFrame } from "../../../../server/runs/wire.ts";
import { formatNumber } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { whole } from "./words.ts";

/** What one would tell of the run afterwards, the newest first. */
export function Happened({
  log,
  units,
}: {
  readonly log: RunFrame["log"];
  readonly units: number;
}) {
  return (
    <Panel title="What happened">
      {log.length === 0 && <p className="text-mute">Nothing yet.</p>}
      <ol className="flex max-h-80 flex-col overflow-y-auto" tabIndex={0} aria-label="Events">
        {log.toReversed().map((event, at) => (
          <li key={log.length - at} className="flex gap-3 border-t py-1 first:border-t-0">
            <span className="w-16 shrink-0 text-end text-mute tabular-nums">
              {formatNumber(event.atMs / 1_000, oneDigit)} s
            </span>
            <span className={isBad(event) ? "font-medium text-bad" : ""}>
              {wordsOf(event, units)}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const oneDigit = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

const isBad = ({ what, count = 0 }: RunEvent): boolean => what === "proof" && count > 0;

function wordsOf({ what, count = 0, region = "" }: RunEvent, units: number): string {
  switch (what) {
    case "selling":
      return "The world is open: agents begin to ask.";
    case "first_sale":
      return "The first unit is sold.";
    case "sold_out":
      return units === 1 ? "The only unit is sold." : `All ${whole(units)} units are sold.`;
    case "answered":
      return count === 100
        ? "Every agent has an answer."
        : `${count} % of the agents have an answer.`;
    case "first_lost_race":
      return "Two batches met on a row: one lost the race and ran again.";
    case "first_sent_again":
      return "An ask got no answer in time: it is sent again under its key.";
    case "proof":
      return count === 0
        ? "Proven while it sells: four zeros."
        : `The proof found ${whole(count)}.`;
    case "region_left":
      return `${region} does not answer: the others take over.`;
    case "region_back":
      return `${region} answers again.`;
    case "stopping":
      return "Somebody stopped it: nobody asks any more.";
    case "proving":
      return "The books of the run are being proven.";
  }
}
