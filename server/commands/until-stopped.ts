import type { Config } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import type { Db } from "../db/open.ts";
import { followersNotWaitedFor } from "../db/standby.ts";
import { startServer, type RunningServer } from "../main.ts";
import { ensureSandbox, isSandboxOn } from "../sandbox/world.ts";

interface Serving {
  readonly config: Config;
  readonly db: Db;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Resolves when there is no point in going on. */
  readonly lost?: Promise<void>;
  readonly onUp: (server: RunningServer) => Promise<void> | void;
}

/** Whoever made a standby means to sell on from it: what that would cost is said before it happens. */
async function warnOfStandby(db: Db, log: Log): Promise<void> {
  const followers = await followersNotWaitedFor(db);
  if (followers === 0) return;
  log.warn(
    { followers },
    "A standby follows this PostgreSQL, and no COMMIT waits for it: a failover to it loses the last purchases " +
      "that were acknowledged. See docs/runbooks/asynchronous-standby.md.",
  );
}

/** Serves until it is told to stop, then drains. False when it had to end by itself. */
export async function serveUntilStopped(serving: Serving): Promise<boolean> {
  const { config, db, log, signal, lost, onUp } = serving;
  if (isSandboxOn(config)) await ensureSandbox(db, config.sandboxUnits);
  if (signal.aborted) return true;
  await warnOfStandby(db, log);
  const server = await startServer(config, db, log);
  await onUp(server);
  const stopped = Promise.withResolvers<boolean>();
  signal.addEventListener("abort", () => stopped.resolve(true), { once: true });
  void lost?.then(() => stopped.resolve(false));
  const asAsked = await stopped.promise;
  await server.drain();
  return asAsked;
}
