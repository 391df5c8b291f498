import { instanceChain } from "../audit/instance-chain.ts";
import { record } from "../audit/record.ts";
import { whyNotJanitor } from "../db/as-janitor.ts";
import { oldWorlds } from "../db/old-worlds.ts";
import type { Db } from "../db/open.ts";
import { NoWorldError, purgeWorld } from "../db/purge.ts";
import type { Tx } from "../db/transact.ts";
import { findSandbox } from "../sandbox/world.ts";
import { json, UsageError, wholeNumber, type Call, type Command } from "./command.ts";
import { operator } from "./operator.ts";
import { withDatabase } from "./with-database.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const purgeCommand: Command = {
  name: "purge",
  summary: "Delete the rows of old sandboxes and runs; never those of a real tenant.",
  options: {
    json,
    world: { value: "ID", says: "This sandbox or run only, however young it is." },
    "older-than": { value: "DAYS", says: "All that were opened longer ago.", fallback: "30" },
  },
  examples: [
    ["purge --older-than 7", "as zerorace_janitor, which `zerorace migrate --roles` makes"],
    ["purge --world ID", "one world"],
  ],
  async run(call) {
    const { world } = call.values;
    if (typeof world === "string" && !uuid.test(world)) {
      throw new UsageError(`--world must be a tenant's id (a uuid), not "${world}".`);
    }
    const option = { values: call.values, option: "older-than", fallback: 30 };
    const days = wholeNumber(option, 0, 36_500);
    return withDatabase(call, async (db) => {
      const worlds = typeof world === "string" ? [world.toLowerCase()] : await oldWorlds(db, days);
      return purgeAll(db, worlds, call);
    });
  },
};

/** In the log of the instance: the world's own goes with it. */
function note(tx: Tx, id: string): Promise<void> {
  const object = { kind: "world", id };
  return record(tx, { tenantId: instanceChain, actor: operator(), action: "world.purge", object });
}

async function purgeAll(
  db: Db,
  worlds: readonly string[],
  { terminal, values }: Call,
): Promise<boolean> {
  const current = await findSandbox(db);
  let rows = 0;
  for (const tenantId of worlds) {
    if (tenantId === current?.tenantId) {
      throw new UsageError("That is the sandbox in use: `zerorace sandbox --reset` opens another.");
    }
    try {
      rows += await purgeWorld(db, tenantId, { beside: (tx) => note(tx, tenantId) });
    } catch (error) {
      if (error instanceof NoWorldError) throw new UsageError(error.message);
      const why = whyNotJanitor(error);
      if (why !== undefined) throw new UsageError(why);
      throw error;
    }
    terminal.say(`World ${tenantId} is gone.`);
  }
  const purged = worlds.length === 1 ? "1 world" : `${worlds.length} worlds`;
  const says = `${purged} purged, ${rows.toLocaleString("en-US")} rows.`;
  terminal.result(values.json === true ? JSON.stringify({ worlds, rows }) : says);
  return true;
}
