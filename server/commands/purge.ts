import type { Db } from "../db/open.ts";
import { NoWorldError, purgeWorld } from "../db/purge.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { findSandbox } from "../sandbox/world.ts";
import { json, UsageError, wholeNumber, type Call, type Command } from "./command.ts";
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
      rows += await purgeWorld(db, tenantId);
    } catch (error) {
      if (error instanceof NoWorldError) throw new UsageError(error.message);
      if (error instanceof Error && /"zerorace_janitor" does not exist/.test(error.message)) {
        throw new UsageError("There is no janitor yet: run `zerorace migrate --roles` first.");
      }
      throw error;
    }
    terminal.say(`World ${tenantId} is gone.`);
  }
  const purged = worlds.length === 1 ? "1 world" : `${worlds.length} worlds`;
  const says = `${purged} purged, ${rows.toLocaleString("en-US")} rows.`;
  terminal.result(values.json === true ? JSON.stringify({ worlds, rows }) : says);
  return true;
}

/** The newest sandbox is the one in use, however old it is. */
async function oldWorlds(db: Db, days: number): Promise<string[]> {
  const found = await transact(
    db,
    "old_worlds",
    (tx) =>
      tx.tuples<[string]>(
        sql`select tenant_id from tenants t
             where mode in ('sandbox', 'run')
               and created_at < now() - ${days}::integer * interval '1 day'
               and (mode = 'run' or exists (select 1 from tenants younger
                                             where younger.mode = 'sandbox'
                                               and (younger.created_at, younger.tenant_id)
                                                   > (t.created_at, t.tenant_id)))
             order by created_at`,
      ),
    { readOnly: true },
  );
  return found.map(([tenantId]) => tenantId);
}
