import { openKeyring } from "../auth/keyring.ts";
import { openSessions } from "../auth/sessions.ts";
import type { Context } from "../context.ts";
import { openKernel } from "../kernel/gather.ts";
import { openLimits } from "../limits/limits.ts";
import { openLive } from "../live/live.ts";

/** What a server works with, without a server: for tests that look at the table of routes. */
export async function openContext(
  given: Pick<Context, "config" | "log" | "metrics" | "db">,
): Promise<{ ctx: Context; close: () => Promise<void> }> {
  const { config, log, metrics, db } = given;
  const ctx: Context = {
    ...given,
    door: db,
    kernel: openKernel(db),
    keyring: openKeyring(db, log),
    sessions: openSessions(db, log, config),
    limits: await openLimits(config, metrics, log),
    live: openLive(config, metrics),
    runs: { nudge: () => undefined },
    plane: undefined,
    balances: undefined,
  };
  return {
    ctx,
    async close() {
      await Promise.all([ctx.kernel.close(), ctx.keyring.close(), ctx.sessions.close()]);
      ctx.limits.close();
      ctx.live.close();
    },
  };
}
