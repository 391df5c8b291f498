import { kernel, type Mutant } from "./mutant.ts";

const closed =
  "update stock_buckets set open = ${open}, version = version + 1 where pool_id = ${poolId}";
const revoked =
  "update mandate_buckets set active = ${active}, version = version + 1 where mandate_id = ${mandateId}";

/** Commands that every sale must notice. */
export const commands: readonly Mutant[] = [
  {
    name: "a close writes the pool and not its buckets",
    changes: [kernel("item-commands.ts", closed, `${closed} and false`)],
    caughtBy: ["server/kernel/gates.db.test.ts", "close"],
  },
  {
    name: "a revoke writes the mandate and not its buckets",
    changes: [kernel("mandate-commands.ts", revoked, `${revoked} and false`)],
    caughtBy: ["server/kernel/gates.db.test.ts", "revoke"],
  },
  {
    name: "a batch that nets to zero writes no bucket",
    changes: [
      kernel(
        "running-pool.ts",
        "if (after === undefined || after.version === before.version) return;",
        "if (after === undefined || after.available === before.available) return;",
      ),
    ],
    caughtBy: ["server/kernel/gates.db.test.ts", "cancel out"],
  },
  {
    name: "a dead command's flag outlasts the patience of who waits",
    changes: [kernel("gate.ts", "const flagSeconds = 2;", "const flagSeconds = 10;")],
    caughtBy: ["server/kernel/commands.db.test.ts", "over before anybody gives up"],
  },
  {
    name: "a command raises no flag",
    changes: [
      kernel(
        "gate.ts",
        "while (!(await raiseFlag(db, gated))) {",
        "while (false && !(await raiseFlag(db, gated))) {",
      ),
    ],
    caughtBy: ["server/kernel/gates.db.test.ts", "under full load"],
  },
  {
    name: "a new price does not reach the buckets",
    changes: [
      kernel(
        "item-commands.ts",
        "where i.item_id = ${itemId} and b.item_id = i.item_id and b.pool_id = ${poolId}",
        "where i.item_id = ${itemId} and b.item_id = i.item_id and b.pool_id = ${poolId} and false",
      ),
    ],
    caughtBy: ["server/kernel/gates.db.test.ts", "a new price"],
  },
  {
    name: "what was spent does not count under a new limit",
    changes: [
      kernel(
        "mandate-commands.ts",
        "const carried = await spentSince(tx, id, startMs);",
        "const carried = (await spentSince(tx, id, startMs)) * 0n;",
      ),
    ],
    caughtBy: ["server/kernel/commands.db.test.ts", "counts under a limit"],
  },
  {
    name: "a reshard leaves units in buckets that are no longer read",
    changes: [
      kernel(
        "item-commands.ts",
        "available = case when b.bucket >= p.buckets then 0",
        "available = case when b.bucket >= p.buckets then b.available",
      ),
    ],
    caughtBy: ["server/kernel/gates.db.test.ts", "fewer buckets"],
  },
  {
    name: "a command does not look whether it was done before",
    changes: [
      kernel(
        "gate.ts",
        "if (await beside?.recall?.(tx)) return done({}, {});",
        "if (beside === null) return done({}, {});",
      ),
    ],
    caughtBy: ["server/http/command-once.db.test.ts", "looked again"],
  },
  {
    name: "a command is known by its key alone, whatever it was",
    changes: [
      {
        file: "server/http/request-keys.ts",
        find: "where tenant_id = ${tenantId} and route = ${route} and key = ${key}",
        replace: "where tenant_id = ${tenantId} and ${route}::text is not null and key = ${key}",
      },
    ],
    caughtBy: ["server/http/command-once.db.test.ts", "another command on another path"],
  },
  {
    name: "a command in doubt is not tried again",
    changes: [kernel("gate.ts", "recalls: canRecall(gated.beside) }", "recalls: false }")],
    caughtBy: ["server/http/command-once.db.test.ts", "looked again"],
  },
  {
    name: "a block is acknowledged while its agent's sales are under way",
    changes: [
      kernel(
        "agent-commands.ts",
        "  await outlastSales(db, block);",
        "  if (db === undefined) await outlastSales(db, block);",
      ),
    ],
    caughtBy: ["server/kernel/agents.db.test.ts", "acknowledged"],
  },
  {
    name: "a block reaches into other tenants",
    changes: [
      kernel(
        "load-rows.ts",
        "where blocked_agents.tenant_id = k.tenant_id",
        "where blocked_agents.tenant_id is not null",
      ),
      kernel("books.ts", "return `${tenantId}\\n${agentId}`;", "return tenantId && agentId;"),
    ],
    caughtBy: ["server/kernel/agents.db.test.ts", "within its tenant"],
  },
  {
    name: "a reshard and a new cap forget what is spent under a limit",
    changes: [kernel("mandate-rows.ts", "room = mandate.room,", "room = {},")],
    caughtBy: ["server/kernel/commands.db.test.ts", "as it is"],
  },
  {
    name: "what is held does not count under a new limit",
    changes: [
      kernel(
        "mandate-rows.ts",
        "case state when 'held' then amount_minor when 'settled'",
        "case state when 'settled'",
      ),
    ],
    caughtBy: ["server/kernel/commands.db.test.ts", "what is held counts"],
  },
  {
    name: "what was bought at the first moment of a period does not count under a new limit",
    changes: [
      kernel(
        "mandate-rows.ts",
        "created_at >= ${new Date(sinceMs)}",
        "created_at > ${new Date(sinceMs)}",
      ),
    ],
    caughtBy: ["server/kernel/periods.db.test.ts", "a day counts what is bought"],
  },
  {
    name: "a dead command's flag on a mandate is never another's",
    changes: [
      kernel(
        "gate.ts",
        "where mandate_id = ${id} and (gate is null or gate_until <= now())",
        "where mandate_id = ${id} and gate is null",
      ),
    ],
    caughtBy: ["server/kernel/commands.db.test.ts", "on the mandate, is over"],
  },
  {
    name: "money of a hold behind a gate does not make a claim wait",
    breaks: "C7",
    changes: [
      kernel(
        "commit.ts",
        'reason !== "SOLD_OUT" && reason !== "CAP" && reason !== "PERIOD"',
        'reason !== "SOLD_OUT"',
      ),
    ],
    caughtBy: ["server/kernel/commands.db.test.ts", "behind another item's gate"],
  },
  {
    name: "a hold behind a gate does not make a claim wait",
    changes: [
      kernel(
        "commit.ts",
        'return mayFreeUp(books, basket, decline) ? { kind: "wait" } : decline;',
        'return mayFreeUp(books, basket, decline) && false ? { kind: "wait" } : decline;',
      ),
    ],
    caughtBy: ["server/kernel/commands.db.test.ts", "another mandate's gate"],
  },
];
