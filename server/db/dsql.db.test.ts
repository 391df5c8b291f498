import { describe, expect, it } from "vitest";
import { sumOf } from "../base/metrics.ts";
import { closeItem, reshardItem, setPrice } from "../kernel/item-commands.ts";
import { runSwarm } from "../proof/swarm.ts";

import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, holdAsk, makeShop, startKernel, told } from "../testing/factories.ts";
import { localDsql } from "../testing/local-dsql.ts";
import { look } from "../testing/look.ts";
import { migrate } from "./migrate.ts";
import { sql } from "./sql.ts";
import { transact } from "./transact.ts";

const one = sql`select 1 as one`;

describe("a sale on Aurora DSQL", () => {
  it("of 1,000 agents for 100 units, while commits fail in all its ways, sells 100", async () => {
    const { db, server } = await localDsql({ patienceMs: 20 });
    await migrate(db);
    for (const fault of [
      "OC000",
      "OC001",
      "XX000-before",
      "XX000-after",
      "cut-after",
      "rollback",
    ]) {
      server.injections.add(`fault=${fault} probability=0.03 label=zerorace-kernel seed=7`);
    }
    const options = { agents: 1_000, units: 100, mandates: 40, seed: 7, duplicates: 0.1 };
    const kernel = { lanes: 3, batchMax: 10 };
    const report = await runSwarm(db, { ...options, concurrency: 100, kernel });
    expect(report.complaints).toEqual([]);
    expect(report).toMatchObject({ ok: true, sold: 100, declined: 900 });
    expect(report.lostRaces).toBeGreaterThan(0);
    expect(await sumOf(db.metrics.doubts)).toBeGreaterThan(0);
  }, 60_000);

  it("through two endpoints, one of which dies in mid-run and comes back, sells 100 too", async () => {
    const cluster = await localDsql();
    const peer = await cluster.start();
    const hosts = [cluster.server, peer].map(({ port }, index) => {
      return { host: "localhost", port, region: index === 0 ? "home" : "away" };
    });
    const turns: string[] = [];
    const onTurn = (endpoint: string, turn: string): void => void turns.push(`${endpoint} ${turn}`);
    const db = cluster.open({ onTurn }, { hosts });
    await migrate(db);
    let [cut, returned]: [Promise<void> | undefined, boolean] = [undefined, false];
    const options = { agents: 3_000, units: 100, mandates: 40, seed: 11, duplicates: 0.05 };
    const settings = { ...options, concurrency: 40, kernel: { lanes: 2, batchMax: 10 } };
    const report = await runSwarm(db, settings, ({ answered }) => {
      if (answered > 200) cut ??= cluster.server.close();
      if (turns.length > 0 && !returned) {
        returned = true;
        void cut?.then(() => cluster.start(cluster.server.port));
      }
    });
    expect(report.complaints).toEqual([]);
    expect(report).toMatchObject({ ok: true, sold: 100, declined: 2_900 });
    expect(turns[0]).toBe("home left alone");
    const [home, away] = report.regions;
    expect([home?.name, away?.name]).toEqual(["home", "away"]);
    expect(away?.batches).toBeGreaterThan(0);
    await expect.poll(() => turns, { timeout: 10_000 }).toContain("home back");
  }, 60_000);

  it("takes every kind of ask, and every command that the sales must notice", async () => {
    const { db } = await localDsql();
    await migrate(db);
    const shop = await makeShop(db, {
      mandate: { dayLimitMinor: 5_000n, weekLimitMinor: 6_000n, timeZone: "Europe/Berlin" },
    });
    const { tenantId, merchantId, item } = shop;
    const kernel = startKernel(db);
    const bought = told(await kernel.ask(commitAsk(shop, { quantity: 3n })));
    const held = told(await kernel.ask(holdAsk(shop)));
    const subject = { tenantId, merchantId };
    const about = (purchaseId: unknown, key: string) =>
      ({ ...subject, purchaseId: String(purchaseId), key }) as const;
    const rest = [
      await kernel.ask({ kind: "extend", holdSeconds: 900, ...about(held.intentId, "e") }),
      await kernel.ask({ kind: "capture", ...about(held.intentId, "c") }),
      await kernel.ask({
        kind: "refund",
        amountMinor: 100n,
        returnQuantity: 1n,
        ...about(bought.intentId, "r"),
      }),
    ];
    expect(rest.map(({ kind }) => kind)).toEqual(["granted", "granted", "granted"]);
    const ofItem = { tenantId, itemId: item.itemId };
    await reshardItem(db, { ...ofItem, buckets: 32 });
    await setPrice(db, { ...ofItem, priceMinor: 50n });
    await closeItem(db, ofItem);
    expect(told(await kernel.ask(commitAsk(shop, { amountMinor: 50n })))).toMatchObject({
      reason: "ITEM_CLOSED",
    });
    expect(await look(db, shop)).toMatchObject({ purchases: 2, available: 97n });
    await expectProven(db);
  }, 60_000);
});

describe("a connection to Aurora DSQL", () => {
  it("is trusted for its certificate only", async () => {
    const { open } = await localDsql();
    const distrustful = open({}, { ca: undefined });
    await expect(transact(distrustful, "test", (tx) => tx.rows(one))).rejects.toThrow(
      "self-signed",
    );
  });

  it("ends before its hour is over, idle or when its work is done, each at a time of its own", async () => {
    const { open } = await localDsql();
    const drawn = [0.2, 0.4];
    const db = open({}, { lifetimeSeconds: () => drawn.shift() ?? 3_000 });
    const ended: number[] = [];
    const startedAt = performance.now();
    db.pool.on("remove", () => ended.push(performance.now() - startedAt));
    const [busy, idle] = await Promise.all([db.pool.connect(), db.pool.connect()]);
    idle.release();
    await expect.poll(() => ended.length, { timeout: 5_000 }).toBe(1);
    expect((await busy.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await expect.poll(() => performance.now() - startedAt).toBeGreaterThan(500);
    busy.release();
    await expect.poll(() => ended.length, { timeout: 5_000 }).toBe(2);
    expect(await transact(db, "test", (tx) => tx.rows(one))).toEqual([{ one: 1 }]);
  });

  it("that was dropped for its age is opened again, and costs no answer", async () => {
    const { db } = await localDsql({ sessionMs: 300 });
    const until = performance.now() + 1_500;
    let asked = 0;
    for (; performance.now() < until; asked++) {
      expect(await transact(db, "test", (tx) => tx.rows(one))).toEqual([{ one: 1 }]);
    }
    expect(asked).toBeGreaterThan(20);
  });

  it("that is turned away, there being too many, is asked for again", async () => {
    const { open } = await localDsql({ connectionsMax: 2 });
    const crowd = open({ poolMax: 2 });
    const holders = await Promise.all([crowd.pool.connect(), crowd.pool.connect()]);
    const db = open();
    const asked = transact(db, "test", (tx) => tx.rows(one));
    await expect.poll(async () => (await db.metrics.transactFaults.get()).values).not.toEqual([]);
    for (const holder of holders) holder.release(true);
    expect(await asked).toEqual([{ one: 1 }]);
  });

  it("opens no faster than it may: a storm waits for its turn and is not refused", async () => {
    const { open } = await localDsql({ connectBurst: 10, connectRate: 50 });
    const db = open({ poolMax: 20 }, { connectsPerSecond: 1 });
    const slow = { deadlineAt: performance.now() + 20_000, attemptTimeoutMs: 20_000 };
    const startedAt = performance.now();
    const nap = sql`select pg_sleep(0.2), 1 as one`;
    await Promise.all(
      Array.from({ length: 12 }, () => transact(db, "test", (tx) => tx.run(nap), slow)),
    );
    expect(performance.now() - startedAt).toBeGreaterThan(150);
    const { values } = await db.metrics.transactFaults.get();
    expect(values).toEqual([]);
  });

  it("40001 at COMMIT undoes what RETURNING had shown: the work runs again from the top", async () => {
    const { db, server } = await localDsql();
    await migrate(db);
    server.injections.add("fault=OC000 nth=1 table=tenants");
    const seen: string[] = [];
    await transact(db, "test", async (tx) => {
      const [row] = await tx.tuples<[string]>(
        sql`insert into tenants (tenant_id, mode, name)
              values (gen_random_uuid(), 'run', 'once') returning tenant_id`,
      );
      seen.push(row?.[0] ?? "");
    });
    const kept = await transact(db, "test", (tx) =>
      tx.tuples<[string]>(sql`select tenant_id from tenants where name = 'once'`),
    );
    expect(seen.length).toBe(2);
    expect(kept).toEqual([[seen[1]]]);
  });
});
