import type { RunLine } from "../../../../server/runs/wire.ts";
import { formatDuration } from "../../ui/format.ts";
import { isOver, whole } from "./words.ts";

/** What a machine with two cores did; the first run on another one corrects it. */
const unknownMachine = { asksPerSecond: 9_000, agents: 10_000, peakMb: 140 };
const bytesPerAgent = 200;

interface Wanted {
  readonly agents: number;
  readonly duplicatePercent: number;
}

/** What a run will take, judged by the one of a like size that was done here last. */
export function estimateOf(
  { agents, duplicatePercent }: Wanted,
  runs: readonly RunLine[],
): { readonly says: string; readonly basis: string } {
  const known = runs
    .filter(({ state, report }) => state === "finished" && report !== null)
    .toSorted((a, b) => distance(a.agents, agents) - distance(b.agents, agents))
    .map((run) => ({ agents: run.agents, ...(run.report as NonNullable<RunLine["report"]>) }))[0];
  const { asksPerSecond, peakMb, ...like } = known ?? unknownMachine;
  const ms = ((agents * (1 + duplicatePercent / 100)) / Math.max(1, asksPerSecond)) * 1_000 + 2_000;
  const mb = Math.max(80, peakMb + ((agents - like.agents) * bytesPerAgent) / 1_000_000);
  const before = runs.filter((run) => !isOver(run)).length;
  const waits =
    before === 0 ? "" : ` It waits for ${before === 1 ? "one run" : `${before} runs`} before it.`;
  const basis = known
    ? `As the run of ${whole(like.agents)} agents did: ${whole(asksPerSecond)} asks a second.`
    : `At ${whole(asksPerSecond)} asks a second. Nothing has run here yet, so this is a guess.`;
  return {
    says: `About ${formatDuration(Math.round(ms / 1_000) * 1_000)} and ${whole(Math.round(mb / 10) * 10)} MB of memory.${waits}`,
    basis,
  };
}

const distance = (one: number, other: number): number => Math.abs(Math.log(one / other));
