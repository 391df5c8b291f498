import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOrganisation } from "../tenants/store.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, makeShop, startKernel, type Shop } from "../testing/factories.ts";
import { localDsql } from "../testing/local-dsql.ts";
import { query } from "../testing/look.ts";
import { migrate } from "./migrate.ts";
import type { Db } from "./open.ts";
import { purgeWorld } from "./purge.ts";
import { janitor, prepareRoles } from "./roles.ts";
import { readTables } from "./tables.ts";
import { transact } from "./transact.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await prepareRoles(database.db);
});
afterAll(() => database.close());

async function soldIn(db: Db, count: number, given = {}): Promise<Shop> {
  const shop = await makeShop(db, { item: { stock: BigInt(count) } });
  const kernel = startKernel(db);
  await Promise.all(Array.from({ length: count }, () => kernel.ask(commitAsk(shop, given))));
  return shop;
}

/** Every row that carries the tenant's id, table by table. */
async function rowsOf(db: Db, tenantId: string): Promise<Record<string, number>> {
  const tables = await transact(db, "test", readTables);
  const counts: Record<string, number> = {};
  for (const { name, columns } of tables) {
    if (!columns.some((column) => column.name === "tenant_id")) continue;
    const counted = `select count(*)::integer as rows from ${name} where tenant_id = $1`;
    const [row] = await query<{ rows: number }>(db, counted, [tenantId]);
    if (row && row.rows > 0) counts[name] = row.rows;
  }
  return counts;
}

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, rows) => sum + rows, 0);

describe("a purge", () => {
  it("leaves no row of its world in any table, and touches no other world's", async () => {
    const { db } = database;
    const [gone, kept] = [await soldIn(db, 40), await soldIn(db, 5)];
    const [before, other] = [await rowsOf(db, gone.tenantId), await rowsOf(db, kept.tenantId)];
    expect(Object.keys(before).length).toBeGreaterThan(10);
    const batches: number[] = [];
    const limits = { rowsMax: 17, onBatch: (rows: number) => batches.push(rows) };
    expect(await purgeWorld(db, gone.tenantId, limits)).toBe(total(before));
    expect(Math.max(...batches)).toBe(17);
    expect(await rowsOf(db, gone.tenantId)).toEqual({});
    expect(await rowsOf(db, kept.tenantId)).toEqual(other);
    expect(await purgeWorld(db, gone.tenantId)).toBe(0);
    await expectProven(db);
  });

  it("counts bytes too: long rows go a few at a time, and one that is too long by itself", async () => {
    const { db } = database;
    const world = await soldIn(db, 10, { agentId: "é".repeat(255) });
    const batches: number[] = [];
    const onBatch = (rows: number): void => void batches.push(rows);
    await purgeWorld(db, world.tenantId, { bytesMax: 600, onBatch });
    expect(batches.filter((rows) => rows === 1).length).toBeGreaterThanOrEqual(30);
    expect(await rowsOf(db, world.tenantId)).toEqual({});
  });

  it("that was interrupted goes on when it is called again", async () => {
    const { db } = database;
    const world = await soldIn(db, 20);
    let batches = 0;
    const onBatch = (): void => {
      if (++batches === 4) throw new Error("power cut");
    };
    const interrupted = purgeWorld(db, world.tenantId, { rowsMax: 10, onBatch });
    await expect(interrupted).rejects.toThrow("power cut");
    await purgeWorld(db, world.tenantId);
    expect(await rowsOf(db, world.tenantId)).toEqual({});
  });

  it("of a real tenant is refused, and PostgreSQL refuses it to the janitor too", async () => {
    const { db } = database;
    const made = await createOrganisation(db, {
      name: "Acme",
      actor: { kind: "command", id: "test" },
    });
    if (made.kind !== "done") throw new Error(made.says);
    const { liveTenantId } = made;
    await expect(purgeWorld(db, liveTenantId)).rejects.toThrow("is live, not a sandbox or a run");
    const direct = transact(db, "test", async (tx) => {
      await tx.run({ text: `set local role ${janitor}`, values: [] });
      await tx.run({
        text: "delete from audit_entries where tenant_id = $1",
        values: [liveTenantId],
      });
    });
    await expect(direct).rejects.toThrow("only the rows of a sandbox or a run may be deleted");
    const world = await soldIn(db, 1);
    const owner = query(db, "delete from ledger_entries where tenant_id = $1", [world.tenantId]);
    await expect(owner).rejects.toThrow("append-only: DELETE is refused");
  });

  it("works on Aurora DSQL as the janitor, in batches that a transaction takes", async () => {
    const { db, open } = await localDsql({ tokens: false });
    await migrate(db);
    await prepareRoles(db);
    const world = await soldIn(db, 700);
    const before = await rowsOf(db, world.tenantId);
    expect(total(before)).toBeGreaterThan(3_000);
    expect(await purgeWorld(open({}, { user: janitor }), world.tenantId)).toBe(total(before));
    expect(await rowsOf(db, world.tenantId)).toEqual({});
  }, 60_000);
});
