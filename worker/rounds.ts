import { setTimeout as sleep } from "node:timers/promises";
import { withLease } from "../server/db/lease.ts";
import type { Round, RoundContext } from "./round.ts";
import { forgetOldDeclines, purgeWorlds } from "./rounds/clean-up.ts";
import { forget } from "./rounds/forget.ts";
import { noteTurn } from "./rounds/note-turn.ts";
import { proveInTurn } from "./rounds/prove.ts";
import { releaseHolds } from "./rounds/release-holds.ts";
import { resetSandbox } from "./rounds/reset-sandbox.ts";
import { countAgents } from "./rounds/roll-up-agents.ts";
import { rollUpUsage } from "./rounds/roll-up-usage.ts";
import { runImports } from "./rounds/run-imports.ts";
import { watchIndexes } from "./rounds/watch-indexes.ts";
import { deliverWebhooks, hearForWebhooks, redeliverWebhooks } from "./rounds/webhooks.ts";

/** A new round is a file of its own in rounds/ and a name here. */
export const rounds: readonly Round[] = [
  releaseHolds,
  resetSandbox,
  proveInTurn(),
  rollUpUsage,
  countAgents,
  hearForWebhooks,
  deliverWebhooks,
  redeliverWebhooks,
  runImports,
  forget,
  forgetOldDeclines,
  purgeWorlds,
  watchIndexes(),
];

const leaseMs = 15_000;

/**
 * One turn of a round, unless another worker has just taken it: what it did, or undefined. A failure
 * is the round's own and is said; the next turn tries again.
 */
export async function runOnce(
  round: Round,
  ctx: RoundContext,
  signal: AbortSignal = new AbortController().signal,
): Promise<number | undefined> {
  const { name, everyMs } = round;
  const end = ctx.metrics.roundSeconds.startTimer({ round: name });
  const beganAt = performance.now();
  const note = (did: number, reason?: string): Promise<void> =>
    noteTurn(ctx.db, round, { ms: performance.now() - beganAt, did, reason });
  const work = async (held: AbortSignal): Promise<number> => {
    const count = await round.run(ctx, held);
    end({ result: "done" });
    await note(count);
    return count;
  };
  try {
    return await withLease(ctx.db, `round/${name}`, leaseMs, work, {
      signal,
      // With several workers it is still taken once in its interval.
      restMs: 0.9 * everyMs,
    });
  } catch (error) {
    end({ result: "failed" });
    ctx.log.warn({ round: name, err: error }, "a round failed; its next turn tries again");
    await note(0, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** All rounds, each at its own pace, until the signal; resolves when the last one has ended. */
export async function keepRounds(
  list: readonly Round[],
  ctx: RoundContext,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(list.map((round) => keep(round, ctx, signal)));
}

async function keep(round: Round, ctx: RoundContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await runOnce(round, ctx, signal);
    // Not all workers at the same moment.
    const pauseMs = round.everyMs * (0.9 + 0.2 * Math.random());
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
