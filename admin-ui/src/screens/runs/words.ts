import type { RunFrame, RunLine, RunView } from "../../../../server/runs/wire.ts";
import { formatNumber } from "../../ui/format.ts";
import { promises } from "../promises.ts";

/** What a run is called, and what its numbers mean. */

export const whole = (count: number): string => formatNumber(count);

export function sizeOf({ agents, units }: Pick<RunLine, "agents" | "units">): string {
  const who = agents === 1 ? "1 agent" : `${whole(agents)} agents`;
  return `${who} for ${units === 1 ? "1 unit" : `${whole(units)} units`}`;
}

export type Zeros = Readonly<Record<(typeof promises)[number]["name"], number>>;

export function wrongIn(zeros: Zeros): number {
  return promises.reduce((sum, { name }) => sum + zeros[name], 0);
}

export const isOver = ({ state }: Pick<RunView, "state">): boolean =>
  state !== "queued" && state !== "running";

/** What is shown of a run: the report when there is one, else how far it is. */
export interface Seen {
  readonly asked: number;
  readonly answered: number;
  readonly sold: number;
  readonly declined: number;
  readonly declinedBy: Readonly<Record<string, number>>;
  readonly replays: number;
  readonly replaysMismatched: number;
  readonly conflicts: number;
  readonly sentAgain: number;
  readonly lostRaces: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly asksPerSecond: number;
  readonly peakMb: number;
}

export function seenOf({ report }: RunView, frame: RunFrame): Seen {
  if (!report) return frame;
  const { exhausted, overloaded, unknown } = report.retried;
  const answered = report.sold + report.declined;
  return { ...report, asked: frame.asked, answered, sentAgain: exhausted + overloaded + unknown };
}

export const bought = { label: "Bought", colour: "--sold" };

/** "100 sold, 9,900 refused, 0 wrong" */
export function finishOf({ report }: Pick<RunView, "report">): string | undefined {
  if (!report) return undefined;
  const wrong = wrongIn(report.invariants) + report.replaysMismatched;
  return `${whole(report.sold)} sold, ${whole(report.declined)} refused, ${whole(wrong)} wrong`;
}

type Sizes = Pick<
  RunLine,
  "agents" | "units" | "mandates" | "concurrency" | "duplicatePercent" | "seed"
>;

function sizesOf({ agents, units, mandates, concurrency, duplicatePercent, seed }: Sizes): Sizes {
  return { agents, units, mandates, concurrency, duplicatePercent, seed };
}

/** Where the dialog stands that starts the same run again. */
export function replaySearch(run: Sizes) {
  const { agents, duplicatePercent, ...sizes } = sizesOf(run);
  return { new: agents, duplicates: duplicatePercent, ...sizes };
}

export function curlOf(body: object): string {
  return `curl -X POST ${location.origin}/v1/runs \\
  -H "Authorization: Bearer $ZERORACE_API_KEY" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: run-$(date +%s)" \\
  -d '${JSON.stringify(body)}'`;
}

export const curlOfRun = (run: Sizes): string => curlOf(sizesOf(run));
