import { makeMetrics } from "../base/metrics.ts";
import { runningAt, startEmbedded, type EmbeddedPostgres } from "../db/embedded.ts";
import { checkSchema, migrate } from "../db/migrate.ts";
import { openDb, type Db } from "../db/open.ts";
import { placeOf, postgresAt } from "../db/place.ts";
import type { Call } from "./command.ts";

/** Somebody asked us to stop before the work was done. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * The database that the settings name; or the embedded one, of the appliance that is up on the same
 * data directory, else for as long as the work takes. A schema that somebody else works with is
 * theirs to decide: it is checked, and changed by `migrate` only.
 */
export async function withDatabase<T>(
  { config, terminal, signal }: Call,
  work: (db: Db) => Promise<T>,
  { migrates = false }: { migrates?: boolean } = {},
): Promise<T> {
  let embedded: EmbeddedPostgres | undefined;
  let place = placeOf(config);
  if (place === undefined) {
    const running = await runningAt(config.dataDir);
    if (running === undefined) {
      terminal.say(`PostgreSQL: embedded, with its data in ${config.dataDir}.`);
      embedded = await startEmbedded({ dataDir: config.dataDir });
    }
    place = postgresAt([running ?? embedded?.url ?? ""]);
  }
  const db = openDb({ place, name: "zerorace-cli", poolMax: config.poolMax }, makeMetrics());
  const prepare = async (): Promise<T> => {
    if (embedded && !migrates) await migrate(db, { alone: true });
    if (!embedded && !migrates) await checkSchema(db);
    return work(db);
  };
  try {
    return await Promise.race([prepare(), interruption(signal)]);
  } finally {
    // What was interrupted may hold connections for minutes: ending the server ends the wait.
    if (!signal.aborted) await db.close();
    await embedded?.stop();
  }
}

async function interruption(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new Interrupted("Stopped."));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return promise;
}
