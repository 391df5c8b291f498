import { afterEach, expect, it } from "vitest";
import { sumOf } from "../base/metrics.ts";
import { migrate } from "../db/migrate.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

import { expectProven } from "../testing/expect-proven.ts";
import {
  commitAsk,
  holdAsk,
  makeItem,
  makeShop,
  startKernel,
  tally,
} from "../testing/factories.ts";
import { localDsql, type TestCluster } from "../testing/local-dsql.ts";
import { look } from "../testing/look.ts";
import { decide } from "./decide.ts";
import { load } from "./load.ts";
import { enter, linesMax } from "./ask.ts";
import { bytesOf, rowsOf, weightOf } from "./weight.ts";
import type { CommitAsk } from "./types.ts";

let cluster: TestCluster;
afterEach(() => expectProven(cluster.db));

/** The largest ask there is: every text as long as it may be, of characters that take three bytes. */
async function largest(): Promise<() => CommitAsk> {
  cluster = await localDsql({ tokens: false });
  const { db } = cluster;
  await migrate(db);
  const shop = await makeShop(db, {
    mandate: { capMinor: 10n ** 12n, duplicateWindowSeconds: 60 },
    item: { stock: 100_000n },
  });
  const lines = [{ itemId: shop.item.itemId, quantity: 1n }];
  while (lines.length < linesMax) {
    const { itemId } = await makeItem(db, shop, { stock: 100_000n });
    lines.push({ itemId, quantity: 1n });
  }
  const charges = lines.map((_, index) => ({
    name: `${"語".repeat(253)}${String(index).padStart(2, "0")}`,
    amountMinor: 1n,
  }));
  let asked = 0;
  return () => {
    const nth = String(++asked).padStart(5, "0");
    return commitAsk(shop, {
      key: `${nth}${"k".repeat(250)}`,
      agentId: `${nth}${"語".repeat(250)}`,
      lines,
      charges,
      amountMinor: BigInt(linesMax) * 101n,
    });
  };
}

it("of the largest asks as many go together as Aurora DSQL takes, and none is refused", async () => {
  const next = await largest();
  const kernel = startKernel(cluster.db, { lanes: 1, askDeadlineMs: 60_000 });
  const answers = await Promise.all(Array.from({ length: 150 }, () => kernel.ask(next())));
  expect(tally(answers)).toEqual({ granted: 150 });
  const { values } = await cluster.db.metrics.transactFaults.get();
  expect(values.filter(({ labels }) => labels.fault === "poison")).toEqual([]);
}, 60_000);

it("a limit by bytes alone holds too: three of them do not fit where there is room for two", async () => {
  const next = await largest();
  const { bytes } = weightOf(enter(next(), cluster.db.dialect.newId()));
  const kernel = startKernel(cluster.db, { lanes: 1, bytesMax: 2.9 * bytes });
  await Promise.all(Array.from({ length: 9 }, () => kernel.ask(next())));
  const { values } = await cluster.db.metrics.batchSize.get();
  const upTo = (size: number | string): number | undefined =>
    values.find(({ labels }) => (labels as { le?: number | string }).le === size)?.value;
  expect(upTo(2)).toBeGreaterThanOrEqual(5);
  expect(upTo("+Inf")).toBe(upTo(2));
}, 60_000);

it("an ask is never heavier than it was weighed before its facts were known", async () => {
  const next = await largest();
  const { db } = cluster;
  const entries = [enter(next(), db.dialect.newId()), enter(next(), db.dialect.newId())];
  const plan = await transact(db, "test", async (tx) => {
    const facts = await load(tx, entries, 0.5, () => db.dialect.newId());
    return decide(entries, facts, 1).plan;
  });
  const weights = entries.map(weightOf);
  expect(plan.answers.length).toBe(2);
  expect(rowsOf(plan)).toBeLessThanOrEqual(weights.reduce((sum, { rows }) => sum + rows, 0));
  expect(bytesOf(plan)).toBeLessThanOrEqual(weights.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(bytesOf(plan)).toBeGreaterThan(2 * 60_000);
}, 60_000);

it("more expired holds than a transaction takes are given back by several, for one ask", async () => {
  cluster = await localDsql({ tokens: false });
  const { db } = cluster;
  await migrate(db);
  const shop = await makeShop(db, { item: { stock: 900n } });
  const kernel = startKernel(db);
  const holds = Array.from({ length: 900 }, () => kernel.ask(holdAsk(shop, { holdSeconds: 1 })));
  expect(tally(await Promise.all(holds))).toEqual({ granted: 900 });
  const all = commitAsk(shop, { quantity: 900n });
  const one = sql`select count(*)::integer from purchases where expires_at > now()`;
  await expect
    .poll(() => transact(db, "test", (tx) => tx.tuples(one)), { timeout: 10_000 })
    .toEqual([[0]]);
  const splitsBefore = await sumOf(db.metrics.batchSplits);
  expect((await kernel.ask(all)).kind).toBe("granted");
  expect(await sumOf(db.metrics.batchSplits)).toBe(splitsBefore);
  expect(await look(db, shop)).toMatchObject({ available: 0n, purchases: 901 });
}, 60_000);
