import { ConfigError, type Config } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import { durabilityFaults } from "../db/durability.ts";
import type { Db } from "../db/open.ts";

/** Before anything is acknowledged: a database that may forget it is not sold from, or that is said. */
export async function checkDurability(
  db: Db,
  { durability }: Pick<Config, "durability">,
  log: Log,
): Promise<void> {
  const faults = await durabilityFaults(db);
  if (faults.length === 0) return;
  const says = `A crash of this PostgreSQL loses acknowledged purchases: ${faults.join(", ")}.`;
  if (durability === "warn") {
    log.warn({ faults }, says);
    return;
  }
  throw new ConfigError([
    `${says} Set ${faults.length === 1 ? "it" : "them"} to on, or say with ZERORACE_DURABILITY=warn ` +
      "that nothing here is worth keeping",
  ]);
}
