import type { Db } from "../db/open.ts";
import { loadDefaults } from "../proof/history/play.ts";
import { playRound, type RoundResult } from "../proof/history/round.ts";
import { httpTarget } from "./http-target.ts";
import { seedOfRun } from "./seed-of-run.ts";

interface Given {
  readonly operations: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** Longer than anything that these tests bring down stays down, on a machine that has other things to do. */
const patienceMs = 600_000;

/** The history's workload against servers that may die under it; who has no answer asks again. */
export async function playOverHttp(
  db: Db,
  urls: readonly string[],
  given: Given,
): Promise<RoundResult> {
  return playRound(db, (shelf) => httpTarget(urls, db, shelf), {
    ...loadDefaults,
    patienceMs,
    oneLine: true,
    witness: true,
    seed: seedOfRun(),
    ...given,
  });
}

/** From each of these moments how long it took until somebody heard an answer again. */
export function recoveriesMs({ history }: RoundResult, moments: readonly number[]): number[] {
  return moments.map((moment) => {
    const heard = history.attempts.filter(({ outcome, ret }) => outcome === "ok" && ret > moment);
    return Math.min(...heard.map(({ ret }) => ret)) - moment;
  });
}
