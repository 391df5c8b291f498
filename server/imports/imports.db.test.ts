import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { scopes } from "../auth/scopes.ts";
import { call, makeKey, post, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, granted, makeShop, startKernel, type Shop } from "../testing/factories.ts";
import { workOn } from "../testing/imports.ts";
import { query } from "../testing/look.ts";
import { forgetImports } from "./forget.ts";
import type { FaultsView, ImportView, PreviewView, RowsView } from "./wire.ts";

let api: TestApi;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(async () => {
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, scopes);
});
afterAll(() => api.close());

const headers = () => ({ Authorization: `Bearer ${key}` });
const get = async <View>(path: string): Promise<View> => {
  const reply = await call(`${api.url}/v1/imports${path}`, { headers: headers() });
  expect(reply.status, reply.text).toBe(200);
  return reply.body as View;
};
const send = (path: string, body: object = {}): Promise<Reply> =>
  post(api, `/v1/imports${path}`, body, { key, idempotencyKey: randomUUID() });

async function done(path: string, body: object = {}): Promise<ImportView> {
  const reply = await send(path, body);
  expect([200, 201], reply.text).toContain(reply.status);
  return reply.body as unknown as ImportView;
}

async function upload(id: string, file: string | Buffer, at = 0): Promise<Reply> {
  return call(`${api.url}/v1/imports/${id}/parts?at=${at}`, {
    method: "POST",
    headers: { ...headers(), "Content-Type": "text/csv" },
    body: Buffer.from(file),
  });
}

const verdictOf = ({ status, body }: Reply): string => `${status} ${String(body.code)}`;

/** Uploaded and checked, with the columns that are guessed. */
async function checked(
  file: string | Buffer,
  { kind = "items", fixed }: { kind?: string; fixed?: object } = {},
): Promise<ImportView> {
  const { id } = await done("", { kind, fileName: "a.csv" });
  const sent = await upload(id, file);
  expect(sent.status, sent.text).toBe(200);
  await done(`/${id}/check`, fixed ? { fixed } : {});
  await workOn(api.database.db);
  return get(`/${id}`);
}

const fixed = () => ({ currency: "USD", merchantId: shop.merchantId });
const items = () =>
  query<{ sku: string; open: boolean; available: bigint }>(
    api.database.db,
    `select i.sku, p.open, sum(b.available)::bigint as available
       from items i join pools p on p.pool_id = i.pool_id
       join stock_buckets b on b.pool_id = i.pool_id
      where i.tenant_id = $1 and i.item_id <> $2 group by 1, 2 order by 1`,
    [shop.tenantId, shop.item.itemId],
  );

describe("a file of items", () => {
  const file = 'SKU,Title,Price,Qty\r\nA-1,a lamp,19.99,7\r\nA-2,"a ""b""",5,0\r\n';

  it("is previewed, checked, started, and becomes what the route would make of each row", async () => {
    const it = await checked(`\ufeff${file}`, { fixed: fixed() });
    expect(it).toMatchObject({ state: "checked", rows: { checked: 2, good: 2, bad: 0 } });
    const preview = await get<PreviewView>(`/${it.id}/preview`);
    expect(preview.headers).toEqual(["SKU", "Title", "Price", "Qty"]);
    expect(preview.data[1]).toEqual(["A-2", 'a "b"', "5", "0"]);
    expect(await items()).toEqual([]);
    await done(`/${it.id}/start`);
    await workOn(api.database.db);
    expect(await get(`/${it.id}`)).toMatchObject({
      state: "done",
      rows: { made: 2, refused: 0 },
      mayUndo: true,
    });
    const { data } = await get<RowsView>(`/${it.id}/rows`);
    const made = await call(`${api.url}/v1/items/${data[0]?.id}`, { headers: headers() });
    expect(made.body).toMatchObject({
      sku: "A-1",
      name: "a lamp",
      currency: "USD",
      priceMinor: 1999,
      buckets: 8,
      open: true,
      stock: { stocked: 7, free: 7, held: 0, sold: 0 },
    });
    const verbs = await query<{ action: string }>(
      api.database.db,
      "select action from audit_entries where object_id = $1 order by seq",
      [it.id],
    );
    expect(verbs.map(({ action }) => action)).toEqual([
      "import.create",
      "import.start",
      "import.finish",
    ]);
    await expectProven(api.database.db);
  });

  it("is checked without a trace but the import's own", async () => {
    const before = await countEveryRow(api.database.db);
    await checked(file, { fixed: fixed() });
    const after = await countEveryRow(api.database.db);
    for (const table of ["items", "pools", "stock_buckets", "stock_moves", "outbox"]) {
      expect([table, after[table]]).toEqual([table, before[table]]);
    }
  });

  it("comes in parts, each once however often it is sent", async () => {
    const { id } = await done("", { kind: "items", fileName: "a.csv" });
    const [one, other] = [file.slice(0, 30), file.slice(30)];
    expect((await upload(id, one)).body).toMatchObject({ bytes: 30 });
    expect((await upload(id, one)).body).toMatchObject({ bytes: 30 });
    expect(verdictOf(await upload(id, "x".repeat(30)))).toBe("409 UPLOAD_OUT_OF_PLACE");
    expect(verdictOf(await upload(id, other, 31))).toBe("409 UPLOAD_OUT_OF_PLACE");
    expect((await upload(id, other, 30)).status).toBe(200);
    await done(`/${id}/check`, { fixed: fixed() });
    await workOn(api.database.db);
    expect(await get(`/${id}`)).toMatchObject({ rows: { good: 2, bad: 0 } });
  });

  it("tells each bad row, which cell and why, and makes the others", async () => {
    const taken = shop.item.sku;
    const other = await makeShop(api.database.db);
    const rows = [
      `A-1,fine,1.00,1,${shop.merchantId}`,
      `A-1,twice,1.00,1,${shop.merchantId}`,
      `${taken},there,1.00,1,${shop.merchantId}`,
      `A-4,=cmd|' /C calc'!A0,1.005,-1,${shop.merchantId}`,
      `A-5,theirs,1.00,1,${other.merchantId}`,
      `A-6,nobody's,1.00,1,${randomUUID()}`,
      `A-7,short,1.00`,
      `A-8,fine,2.00,3,${shop.merchantId}`,
    ];
    const text = `sku,name,price,stock,merchantId\n${rows.join("\n")}\n`;
    const it = await checked(text, { fixed: { currency: "USD" } });
    expect(it).toMatchObject({ rows: { checked: 8, good: 2, bad: 6 } });
    const { data } = await get<FaultsView>(`/${it.id}/faults`);
    const told = data.map(({ row, faults }) => `${row} ${faults.map((f) => f.code).join()}`);
    expect(told).toEqual([
      "3 SKU_TAKEN",
      "4 SKU_TAKEN",
      "5 INVALID_VALUE,INVALID_VALUE",
      "6 FORBIDDEN",
      "7 UNKNOWN_MERCHANT",
      "8 BAD_ROW",
    ]);
    expect(data[0]?.faults[0]).toMatchObject({ column: "sku", detail: /Row 2 of this file/ });
    const url = `${api.url}/v1/imports/${it.id}/faults?format=csv`;
    const { text: csv } = await call(url, { headers: headers() });
    expect(csv.split("\r\n")[0]).toBe(
      "row,line,column,code,problem,sku,name,price,stock,merchantId",
    );
    expect(csv).toContain("A-4,'=cmd|' /C calc'!A0");
    expect(verdictOf(await send(`/${it.id}/start`))).toBe("409 IMPORT_HAS_BAD_ROWS");
    await done(`/${it.id}/start`, { skipBadRows: true });
    await workOn(api.database.db);
    expect(await get(`/${it.id}`)).toMatchObject({ rows: { made: 2, refused: 6 } });
    expect((await items()).map(({ sku }) => sku)).toEqual(["A-1", "A-8"]);
  });
});

it("a file of mandates becomes mandates, by the rules of their route", async () => {
  const text = [
    "name;cap;currency;agent;timeZone;allowedItems;dayLimitMinor",
    `office;1000.00;EUR;agent-7;Europe/Paris;${shop.item.itemId};5000`,
    `lab;10;EUR;;;${randomUUID()};`,
    "van;10;EUR;;Mars/Olympus;;",
  ].join("\n");
  const it = await checked(text, { kind: "mandates" });
  expect(it).toMatchObject({ delimiter: ";", rows: { checked: 3, good: 1, bad: 2 } });
  const { data: bad } = await get<FaultsView>(`/${it.id}/faults`);
  expect(bad.map(({ faults }) => faults[0]?.column)).toEqual(["allowedItems", "timeZone"]);
  await done(`/${it.id}/start`, { skipBadRows: true });
  await workOn(api.database.db);
  const { data } = await get<RowsView>(`/${it.id}/rows`);
  const made = await call(`${api.url}/v1/mandates/${data[0]?.id}`, { headers: headers() });
  expect(made.body).toMatchObject({
    name: "office",
    capMinor: 100_000,
    agentId: "agent-7",
    timeZone: "Europe/Paris",
    allowedItems: [shop.item.itemId],
    dayLimitMinor: 5000,
    state: "active",
  });
});

describe("undoing", () => {
  it("takes back what nobody has used, keeps the rest and says which, and frees the SKUs", async () => {
    const text = "sku,name,priceMinor,stock\nA-1,sold,100,5\nA-2,left,100,5\nA-3,priced,100,5\n";
    const it = await checked(text, { fixed: fixed() });
    await done(`/${it.id}/start`);
    await workOn(api.database.db);
    const { data } = await get<RowsView>(`/${it.id}/rows`);
    const [sold = "", , priced = ""] = data.map(({ id }) => id);
    const kernel = startKernel(api.database.db);
    await granted(kernel.ask(commitAsk({ ...shop, item: { ...shop.item, itemId: sold } })));
    await post(api, `/v1/items/${priced}/price`, { priceMinor: 7 }, { key });
    await done(`/${it.id}/undo`);
    await workOn(api.database.db);
    expect(await get(`/${it.id}`)).toMatchObject({
      state: "undone",
      rows: { made: 3, undone: 1, kept: 2 },
    });
    const kept = await get<RowsView>(`/${it.id}/rows?undo=kept`);
    expect(kept.data.map(({ id }) => id)).toEqual([sold, priced]);
    expect(await items()).toMatchObject([
      { sku: "A-1", open: true, available: 4n },
      { sku: expect.stringMatching(/^A-2~[0-9a-f]{12}$/), open: false, available: 0n },
      { sku: "A-3", open: true, available: 5n },
    ]);
    await expectProven(api.database.db);
    expect(
      await checked("sku,name,priceMinor,stock\nA-2,again,100,5\n", { fixed: fixed() }),
    ).toMatchObject({ rows: { good: 1 } });
  });

  it("revokes mandates that nobody has used", async () => {
    const it = await checked("name,capMinor,currency\na,1000,USD\nb,1000,USD\n", {
      kind: "mandates",
    });
    await done(`/${it.id}/start`);
    await workOn(api.database.db);
    const { data } = await get<RowsView>(`/${it.id}/rows`);
    const [used = "", unused = ""] = data.map(({ id }) => id);
    const kernel = startKernel(api.database.db);
    const mandate = { ...shop.mandate, mandateId: used };
    await granted(kernel.ask(commitAsk({ ...shop, mandate })));
    await done(`/${it.id}/undo`);
    await workOn(api.database.db);
    const states = await Promise.all(
      [used, unused].map(async (id) => {
        const { body } = await call(`${api.url}/v1/mandates/${id}`, { headers: headers() });
        return body.state;
      }),
    );
    expect(states).toEqual(["active", "revoked"]);
    await expectProven(api.database.db);
  });

  it("is refused when its day is over", async () => {
    const it = await checked("name,capMinor,currency\na,1000,USD\n", { kind: "mandates" });
    await done(`/${it.id}/start`);
    await workOn(api.database.db);
    const late = "update imports set undo_until = now() - interval '1 second' where import_id = $1";
    await query(api.database.db, late, [it.id]);
    expect(verdictOf(await send(`/${it.id}/undo`))).toBe("409 IMPORT_NOT_READY");
  });
});

it("two workers at once make each row once", async () => {
  const rows = Array.from({ length: 900 }, (_, at) => `A-${at},n,100,1`);
  const it = await checked(`sku,name,priceMinor,stock\n${rows.join("\n")}\n`, { fixed: fixed() });
  await done(`/${it.id}/start`);
  await Promise.all([workOn(api.database.db), workOn(api.database.db)]);
  expect(await get(`/${it.id}`)).toMatchObject({ state: "done", rows: { made: 900, refused: 0 } });
  expect(await items()).toHaveLength(900);
});

describe("bad input is told, and is never our fault", () => {
  it.each([
    ["an empty upload", "", "400 EMPTY_BODY"],
    ["UTF-16", Buffer.from("\ufeffsku,name\nA,b\n", "utf16le"), "422 FILE_NOT_READABLE"],
    ["one huge line", "x".repeat(200_000), "422 FILE_NOT_READABLE"],
    ["a header that names a column twice", "sku,sku,name\na,b,c\n", "422 FILE_NOT_READABLE"],
    ["a header without a name", "sku,,name\na,b,c\n", "422 FILE_NOT_READABLE"],
    [
      "101 columns",
      `${Array.from({ length: 101 }, (_, at) => `c${at}`).join()}\n`,
      "422 FILE_NOT_READABLE",
    ],
    ["no header that looks like ours", "1,2,3\n4,5,6\n", "422 VALIDATION_FAILED"],
    ["a quote that is never closed", 'sku,"name\na,b', "422 FILE_NOT_READABLE"],
    ["only empty lines", "\n\r\n\n", "422 FILE_NOT_READABLE"],
    ["a key", `sku\nzr_live_${"a".repeat(22)}_${"b".repeat(12)}\n`, "422 API_KEY_IN_BODY"],
  ])("%s", async (_, file, verdict) => {
    const { id } = await done("", { kind: "items", fileName: "bad.csv" });
    const uploaded = await upload(id, file);
    const reply = uploaded.status === 200 ? await send(`/${id}/check`) : uploaded;
    expect(verdictOf(reply)).toBe(verdict);
    await send(`/${id}/cancel`);
    expect(api.logged).toEqual([]);
  });

  it.each([
    [
      "Latin-1 further down",
      Buffer.from(`${"a,b,1,1\n".repeat(20)}Gr\xfc\xdfe,b,1,1\n`, "latin1"),
      "NOT_UTF8",
    ],
    ["a huge row further down", `a,b,1,1\n${"x".repeat(70_000)}\n`, "ROW_TOO_LONG"],
    ["an open quote further down", 'a,b,1,1\nc,"d,1,1\n', "QUOTE_NOT_CLOSED"],
    ["no row", "", "EMPTY_FILE"],
  ])("%s rejects the file as a whole", async (_, rows, code) => {
    const file = Buffer.concat([Buffer.from("sku,name,priceMinor,stock\n"), Buffer.from(rows)]);
    const it = await checked(file, { fixed: fixed() });
    expect(it).toMatchObject({ state: "rejected", problem: { code } });
    expect(verdictOf(await send(`/${it.id}/start`))).toBe("409 IMPORT_NOT_READY");
  });

  it("what comes in the wrong order is refused with what to do", async () => {
    const { id } = await done("", { kind: "items", fileName: "a.csv" });
    expect(verdictOf(await send(`/${id}/check`))).toBe("422 FILE_NOT_READABLE");
    expect(verdictOf(await send(`/${id}/start`))).toBe("409 IMPORT_NOT_READY");
    expect(verdictOf(await send(`/${id}/undo`))).toBe("409 IMPORT_NOT_READY");
    expect(await done(`/${id}/cancel`)).toMatchObject({ state: "cancelled", mayUndo: false });
    expect(await done(`/${id}/cancel`)).toMatchObject({ state: "cancelled" });
    expect(verdictOf(await upload(id, "sku\n"))).toBe("409 IMPORT_NOT_READY");
  });

  it("a key that is bound to agents or mandates imports nothing", async () => {
    const bound = await post(
      api,
      "/v1/keys",
      { name: "bound", scopes: ["imports:write"], agentIds: ["a"] },
      { key, idempotencyKey: randomUUID() },
    );
    const reply = await post(
      api,
      "/v1/imports",
      { kind: "items", fileName: "a.csv" },
      { key: String(bound.body.apiKey), idempotencyKey: randomUUID() },
    );
    expect(verdictOf(reply)).toBe("403 KEY_NOT_FOR_AGENT");
  });

  it("a sixth open one is refused", async () => {
    for (let nth = 0; nth < 5; nth++) await done("", { kind: "items", fileName: "a.csv" });
    const sixth = await send("", { kind: "items", fileName: "a.csv" });
    expect(verdictOf(sixth)).toBe("409 TOO_MANY_IMPORTS");
  });
});

it("the file goes a day after the end, and all of it after a month", async () => {
  const { db } = api.database;
  const it = await checked("name,capMinor,currency\na,1000,USD\n", { kind: "mandates" });
  await done(`/${it.id}/start`);
  await workOn(db);
  const { signal } = new AbortController();
  const age = (days: number) =>
    query(
      db,
      "update imports set changed_at = now() - $2 * interval '1 day' where import_id = $1",
      [it.id, days],
    );
  const left = async () => {
    const tables = ["imports", "import_parts", "import_rows"];
    const counts = tables.map(async (table) => {
      const [row] = await query<{ n: number }>(
        db,
        `select count(*)::integer as n from ${table} where import_id = $1`,
        [it.id],
      );
      return row?.n;
    });
    return Promise.all(counts);
  };
  await forgetImports(db, signal);
  expect(await left()).toEqual([1, 1, 1]);
  await age(2);
  await forgetImports(db, signal);
  expect(await left()).toEqual([1, 0, 1]);
  expect(await get(`/${it.id}`)).toMatchObject({ fileGone: true });
  await age(31);
  await forgetImports(db, signal);
  expect(await left()).toEqual([0, 0, 0]);
});
