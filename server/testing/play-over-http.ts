import type { Db } from "../db/open.ts";
import { createKey } from "../auth/keys.ts";
import type { Shelf } from "../proof/history/history.ts";
import { httpTarget } from "../proof/history/http-target.ts";
import { loadDefaults } from "../proof/history/play.ts";
import type { Target } from "../proof/history/target.ts";
import { playRound, type RoundResult } from "../proof/history/round.ts";
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
  return playRound(db, (shelf) => targetAt(db, urls, shelf), {
    ...loadDefaults,
    patienceMs,
    oneLine: true,
    witness: true,
    seed: seedOfRun(),
    ...given,
  });
}

const scopes = ["purchases:write", "refunds:write", "items:write", "mandates:write"];
const by = { actor: { kind: "command", id: "test" } } as const;

/** Servers over HTTP, asked with a key of the shelf's tenant. */
export async function targetAt(db: Db, urls: readonly string[], shelf: Shelf): Promise<Target> {
  const made = await createKey(db, { tenantId: shelf.tenantId, name: "history", scopes }, by);
  if (made.kind !== "done") throw new Error(made.says);
  return httpTarget(urls, made.apiKey, shelf);
}

/** From each of these moments how long it took until somebody heard an answer again. */
export function recoveriesMs({ history }: RoundResult, moments: readonly number[]): number[] {
  return moments.map((moment) => {
    const heard = history.attempts.filter(({ outcome, ret }) => outcome === "ok" && ret > moment);
    return Math.min(...heard.map(({ ret }) => ret)) - moment;
  });
}
