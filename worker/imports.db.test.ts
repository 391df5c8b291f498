import { afterAll, beforeAll, expect, it } from "vitest";
import { scopes } from "../server/auth/scopes.ts";
import { makeKey, post, startApi, type TestApi } from "../server/testing/api.ts";
import { catalogueFile } from "../server/testing/catalogue-file.ts";
import { ChildWorkers } from "../server/testing/child-workers.ts";
import { expectProven } from "../server/testing/expect-proven.ts";
import { commitAsk, granted, makeShop, startKernel } from "../server/testing/factories.ts";
import { query } from "../server/testing/look.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Stand {
  readonly state: string;
  readonly made: number;
  readonly refused: number;
}

it(
  "5,000 rows while workers are killed in the middle: each good row is one item, and sales go on",
  { timeout: 180_000 },
  async () => {
    const { db, url } = api.database;
    const shop = await makeShop(db, { item: { stock: 100_000n } });
    const key = await makeKey(api, shop, scopes);
    const send = (path: string, body: object) =>
      post(api, `/v1/imports${path}`, body, { key, idempotencyKey: path || "create" });
    const { body } = await send("", { kind: "items", fileName: "big.csv" });
    const id = String(body.id);
    const file = await fetch(`${api.url}/v1/imports/${id}/parts?at=0`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "text/csv" },
      body: catalogueFile(shop.merchantId, 5_000),
    });
    expect(file.status, await file.text()).toBe(200);
    const stand = async (): Promise<Stand> => {
      const sql = `select state, rows_made as made, rows_refused as refused
                     from imports where import_id = $1`;
      const [row] = await query<Stand>(db, sql, [id]);
      return row ?? { state: "none", made: 0, refused: 0 };
    };
    const soon = { timeout: 60_000, interval: 10 };
    await using workers = new ChildWorkers({ ZERORACE_DATABASE_URL: url }, 1);
    await send(`/${id}/check`, {});
    await expect.poll(async () => (await stand()).state, soon).toBe("checked");
    await send(`/${id}/start`, { skipBadRows: true });
    const kernel = startKernel(db);
    for (const kills of [1, 2]) {
      const { made } = await stand();
      await expect.poll(async () => (await stand()).made, soon).toBeGreaterThan(made + 300);
      workers.killOne();
      expect((await stand()).state).toBe("importing");
      await granted(kernel.ask(commitAsk(shop)));
      expect(workers.kills).toBe(kills);
    }
    await expect.poll(async () => (await stand()).state, soon).toBe("done");
    expect(await stand()).toMatchObject({ made: 4_950, refused: 50 });
    const [counts] = await query(
      db,
      `select count(*)::integer as items, count(distinct i.sku)::integer as skus,
              count(distinct r.row_no)::integer as rows,
              (select count(*)::integer from import_faults f
                where f.import_id = $1 and f.pass = 'import') as faults,
              (select count(*)::integer from items a
                where a.tenant_id = $2 and a.item_id <> $3) as all_items
         from import_rows r join items i on i.item_id = r.object_id where r.import_id = $1`,
      [id, shop.tenantId, shop.item.itemId],
    );
    expect(counts).toEqual({
      items: 4_950,
      skus: 4_950,
      rows: 4_950,
      faults: 50,
      all_items: 4_950,
    });
    await expectProven(db);
  },
);
