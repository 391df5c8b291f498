import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { ImportView } from "../../server/imports/wire.ts";
import { catalogueFile } from "../../server/testing/catalogue-file.ts";
import { ChildWorkers } from "../../server/testing/child-workers.ts";
import { expectProven } from "../../server/testing/expect-proven.ts";
import { query } from "../../server/testing/look.ts";
import { Stage } from "./harness.ts";
import { longTasksIn } from "./long-tasks.ts";

/** `npm run e2e:import`: what `imports.e2e.ts` and worker/imports.db.test.ts show, with a large file. */
const [rows, bad] = [100_000, 1_000];

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const patience = { timeout: 800_000 };

interface Sales {
  readonly ms: number[];
  over: boolean;
}

/** Somebody who buys all the time, one unit after the other. */
async function buy(sales: Sales, ask: object): Promise<void> {
  while (!sales.over) {
    const startedAt = performance.now();
    const { outcome } = await stage.call<{ outcome: string }>("POST", "/v1/purchases/commit", ask);
    expect(outcome).toBe("COMMITTED");
    sales.ms.push(Math.round(performance.now() - startedAt));
  }
}

it("100,000 rows: no long task while one watches, sales go on, and each good row is one item", async () => {
  const make = (path: string, body: object) => stage.call<{ id: string }>("POST", path, body);
  const { id: merchantId } = await make("/v1/merchants", { name: "Lamps" });
  const money = { currency: "EUR", name: "a thing" };
  const item = { merchantId, sku: "SOLD", ...money, priceMinor: 1, stock: 1_000_000 };
  const { id: itemId } = await make("/v1/items", item);
  const { id: mandateId } = await make("/v1/mandates", { ...money, capMinor: 1_000_000 });
  await using workers = new ChildWorkers({ ZERORACE_DATABASE_URL: stage.api.database.url }, 1);
  const page = await stage.signedInPage("/items/import", {
    viewport: { width: 1440, height: 900 },
  });
  page.setDefaultTimeout(patience.timeout);
  const buffer = Buffer.from(catalogueFile(merchantId, rows));
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: "catalogue.csv", mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: "Check every row" }).click();
  await page.getByText("would be left out").waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const stand = () => stage.call<ImportView>("GET", `/v1/imports/${id}`);
  expect((await stand()).rows).toMatchObject({ good: rows - bad, bad });
  const browser = page.context().browser();
  await browser?.startTracing(page, { categories: ["toplevel"] });
  await page.getByRole("button", { name: "Import 99,000 items" }).click();
  await page.getByRole("button", { name: "Start the import" }).click();
  const startedAt = performance.now();
  const sales: Sales = { ms: [], over: false };
  const ask = { merchantId, itemId, mandateId, agentId: "a", quantity: 1, amountMinor: 1 };
  const selling = buy(sales, { ...ask, currency: "EUR" });
  const madeOver = (count: number) =>
    expect
      .poll(async () => (await stand()).rows.made, { interval: 250, ...patience })
      .toBeGreaterThan(count);
  await madeOver(20_000);
  await page.reload();
  await page.getByText("You can close this page").waitFor();
  await madeOver(40_000);
  workers.killOne();
  expect((await stand()).state).toBe("importing");
  await page.getByText("It can be undone").waitFor();
  const seconds = (performance.now() - startedAt) / 1000;
  const trace = await browser?.stopTracing();
  sales.over = true;
  await selling;
  expect((await stand()).rows).toMatchObject({ made: rows - bad, refused: bad });
  const [counts] = await query(
    stage.api.database.db,
    `select count(distinct i.sku)::integer as skus, count(*)::integer as items
       from items i where i.merchant_id = $1`,
    [merchantId],
  );
  expect(counts).toEqual({ skus: rows - bad + 1, items: rows - bad + 1 });
  const worked = longTasksIn(String(trace)).map(({ processorMs }) => processorMs);
  const sorted = sales.ms.toSorted((one, other) => one - other);
  process.stderr.write(
    `${rows} rows in ${seconds.toFixed(1)} s with a worker's death: ${Math.round(rows / seconds)} a ` +
      `second; ${sorted.length} purchases meanwhile, p50 ${sorted[sorted.length >> 1]} ms, p99 ` +
      `${sorted[Math.floor(sorted.length * 0.99)]} ms; ${worked.length} tasks of the page over 50 ms ` +
      `by the clock, none worked longer than ${Math.max(0, ...worked)} ms\n`,
  );
  expect(worked.filter((ms) => ms > 50)).toEqual([]);
  expect(sorted.length).toBeGreaterThan(10);
  await expectProven(stage.api.database.db);
});
