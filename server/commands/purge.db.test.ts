import { afterAll, beforeAll, expect, it } from "vitest";
import { openWorld } from "../proof/world.ts";
import { openSandbox } from "../sandbox/world.ts";
import { createOrganisation } from "../tenants/store.ts";
import { runCommand } from "../testing/command-line.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const run = (...args: string[]) => runCommand(args, { ZERORACE_DATABASE_URL: database.url });

it("roles are made, old worlds purged, and neither the sandbox in use nor a real tenant", async () => {
  const { db } = database;
  const roles = await run("migrate", "--roles");
  expect(roles).toMatchObject({ code: 0, out: "The schema is up to date.\n" });
  expect(roles.err).toContain("grant select,insert on ledger_entries to zerorace_server");

  const older = await openSandbox(db, 10);
  const inUse = await openSandbox(db, 10);
  const world = await openWorld(db, "a run");
  const by = { name: "Acme", actor: { kind: "command", id: "test" } } as const;
  const made = await createOrganisation(db, by);
  if (made.kind !== "done") throw new Error(made.says);
  await query(db, "update tenants set created_at = created_at - interval '8 days'");

  expect((await run("purge", "--older-than", "9")).out).toBe("0 worlds purged, 0 rows.\n");
  expect((await run("purge", "--older-than", "7")).out).toMatch(/^2 worlds purged, \d+ rows\.\n$/);
  const left = await query<{ id: string }>(db, "select tenant_id as id from tenants");
  const ids = left.map(({ id }) => id);
  expect(ids.toSorted()).toEqual([inUse.tenantId, made.liveTenantId, made.testTenantId].toSorted());
  expect(ids).not.toContain(older.tenantId);
  expect(ids).not.toContain(world.tenantId);

  for (const [id, says] of [
    [inUse.tenantId, "That is the sandbox in use"],
    [made.liveTenantId, "is live, not a sandbox or a run"],
    ["acme", "must be a tenant's id"],
  ] as const) {
    const refused = await run("purge", "--world", id);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(says);
  }
}, 60_000);
