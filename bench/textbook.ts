import { pgbenchVersion, poolOf, runDriver, runPgbench, textbook } from "./pgbench.ts";
import { row } from "./row.ts";
import { openShop, type Stage } from "./stage.ts";

/** Both contestants spread their purchases over as many. */
export const mandates = 100;

/** The most purchases a second that the textbook's transaction comes to, over some numbers of clients. */
export async function benchTextbook(stage: Stage, seconds: number): Promise<number> {
  const version = await pgbenchVersion();
  const run = version === undefined ? runDriver : runPgbench;
  console.log(
    version ?? "pgbench is not installed: the same transaction goes through node-postgres",
  );
  const shop = await openShop(stage.db, { mandates });
  const statements = textbook(shop, await poolOf(stage, shop));
  const name = version === undefined ? "driver" : "pgbench";
  let most = 0;
  for (const clients of [8, 16, 32]) {
    const perSecond = await run(stage, statements, { clients, seconds, mandates });
    row(`${name} ${clients}`, perSecond, "");
    most = Math.max(most, perSecond);
  }
  return most;
}
