import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openWorld } from "../proof/world.ts";
import { openSandbox } from "../sandbox/world.ts";
import { createOrganisation } from "../tenants/store.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

async function run(...args: string[]) {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ZERORACE_DATABASE_URL: database.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [[code], out, err] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, out, err };
}

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
