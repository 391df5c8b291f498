import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { transact } from "../db/transact.ts";
import { call, makeKey, post, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { makeShop, type Shop } from "../testing/factories.ts";
import { listEntries } from "./list-entries.ts";
import { record } from "./record.ts";
import { checkChain } from "./verify-chain.ts";
import type { EntryView } from "./wire.ts";

let api: TestApi;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi();
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, ["audit:read", "items:write"]);
  const { itemId } = shop.item;
  for (const verb of ["close", "open", "close"]) {
    await post(api, `/v1/items/${itemId}/${verb}`, {}, { key, idempotencyKey: randomUUID() });
  }
  const price = { key, idempotencyKey: "p" };
  await post(api, `/v1/items/${itemId}/price`, { priceMinor: 7 }, price);
  await makeKey(api, await makeShop(api.database.db));
});
afterAll(() => api.close());

const read = async (path: string, by = key): Promise<Reply> =>
  call(`${api.url}/v1/audit${path}`, { headers: { Authorization: `Bearer ${by}` } });
const codeOf = ({ status, body }: Reply): string => `${status} ${String(body.code)}`;

async function every(filter: string, limit = 2): Promise<EntryView[]> {
  const all: EntryView[] = [];
  let cursor = "";
  for (let pages = 0; pages < 20; pages++) {
    const { status, text, body } = await read(`/entries?limit=${limit}${filter}${cursor}`);
    expect(status, text).toBe(200);
    all.push(...(body.data as EntryView[]));
    if (typeof body.nextCursor !== "string") return all;
    cursor = `&cursor=${body.nextCursor}`;
  }
  throw new Error("the list has no end");
}

it("shows who did what to which thing, what was before and after, newest first", async () => {
  const all = await every("");
  expect(all.map(({ seq, action }) => `${seq} ${action}`)).toEqual([
    "5 item.price",
    "4 item.close",
    "3 item.open",
    "2 item.close",
    "1 api_key.create",
  ]);
  const [price, close] = all;
  expect(price).toMatchObject({
    actor: { kind: "key", role: null },
    object: { kind: "item", id: shop.item.itemId },
    before: { priceMinor: 100, priceVersion: 1 },
    after: { priceMinor: 7 },
    previousHash: close?.hash,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(await every("", 100)).toEqual(all);
});

it("is filtered by action, actor and object", async () => {
  const all = await every("");
  expect(await every("&action=item.close")).toEqual([all[1], all[3]]);
  const keyId = all[0]?.actor.id ?? "";
  expect(await every(`&actorId=${keyId}`)).toEqual(all.slice(0, 4));
  expect(await every("&objectKind=api_key")).toEqual(all.slice(4));
  expect(await every(`&objectId=${shop.item.itemId}&action=item.open`)).toEqual([all[2]]);
  expect(await every("&actorId=nobody")).toEqual([]);
});

it("is filtered by time, and does not go on behind it", async () => {
  const all = await every("");
  const at = (seq: number): string => all.find((one) => one.seq === seq)?.at ?? "";
  const ms = (seq: number): string => `${at(seq).slice(0, 23)}Z`;
  const seqs = (entries: readonly EntryView[]): number[] => entries.map(({ seq }) => seq);
  expect(seqs(await every(`&from=${ms(4)}`))).toEqual([5, 4]);
  expect(seqs(await every(`&to=${ms(2)}`))).toEqual([1]);
  expect(await every("&to=2020-01-01T00:00:00Z")).toEqual([]);
});

it("answers with one entry by its number, and names who and what", async () => {
  const [price] = await every("&action=item.price");
  const { status, body } = await read("/entries/5");
  expect(status).toBe(200);
  expect(body).toEqual(price);
  expect(price).toMatchObject({ actor: { name: "test" }, object: { name: "a thing" } });
  for (const none of ["6", "0", "x", "99999999999999999", "%00"]) {
    expect(codeOf(await read(`/entries/${none}`))).toBe("404 UNKNOWN_ENTRY");
  }
});

it("is a file for a spreadsheet, with the same filters", async () => {
  const { status, text } = await read("/entries?format=csv&action=item.price");
  expect(status).toBe(200);
  const [head, row, ...more] = text.split("\r\n");
  expect(head).toMatch(/^seq,at,actorKind,actorId,actorName,/);
  expect(row).toMatch(/^5,.*,item\.price,item,.*,a thing,/);
  expect(more).toEqual([""]);
});

it("is looked at in portions: a filter that fits few gives short pages, and an end", async () => {
  const { db } = api.database;
  const found: string[] = [];
  let before: bigint | undefined;
  let pages = 0;
  do {
    const filter = { action: "item.close" };
    const page = await listEntries(db, shop.tenantId, filter, { before, limit: 9, most: 2 });
    found.push(...page.entries.map(({ seq }) => String(seq)));
    before = page.next;
    pages++;
  } while (before !== undefined && pages < 20);
  expect([found, pages]).toEqual([["4", "2"], 3]);
});

it("verifies, with the head's hash, until somebody changes an entry", async () => {
  const [newest] = await every("");
  const { status, body } = await read("/verify");
  expect(status).toBe(200);
  const head = { seq: 5, hash: newest?.hash };
  expect(body).toEqual({ verified: true, entries: 5, brokenAt: null, head });
  const victim = await makeShop(api.database.db);
  const by = await makeKey(api, victim, ["audit:read"]);
  const actor = { kind: "system", id: "test" } as const;
  for (const action of ["a", "b"]) {
    const object = { kind: "thing", id: "1" };
    await transact(api.database.db, "test", (tx) =>
      record(tx, { tenantId: victim.tenantId, actor, action, object }),
    );
  }
  const client = await api.database.db.pool.connect();
  await client.query("set session_replication_role = replica");
  await client.query(
    "update audit_entries set before = 'no JSON' where tenant_id = $1 and seq = 2",
    [victim.tenantId],
  );
  client.release(true);
  const broken = await read("/verify", by);
  expect(broken.status).toBe(200);
  expect(broken.body).toMatchObject({
    verified: false,
    entries: 1,
    brokenAt: { seq: 2, fault: "altered" },
  });
  const shown = await read("/entries", by);
  expect((shown.body.data as EntryView[])[1]?.before).toEqual({ unreadable: "no JSON" });
});

it("gives up in time on a chain that takes too long", async () => {
  const verifying = checkChain(api.database.db, shop.tenantId, 0);
  await expect(verifying).rejects.toThrow("gave up");
});

it.each([
  ["/entries?cursor=0", "422 BAD_CURSOR"],
  ["/entries?cursor=x", "422 BAD_CURSOR"],
  ["/entries?cursor=99999999999999999", "422 BAD_CURSOR"],
  ["/entries?limit=0", "422 VALIDATION_FAILED"],
  ["/entries?action=", "422 VALIDATION_FAILED"],
  ["/entries?action=%00", "422 VALIDATION_FAILED"],
  ["/entries?actorId=a%0Ab", "422 VALIDATION_FAILED"],
  ["/entries?actor=x", "422 UNKNOWN_PARAMETER"],
  ["/verify?tenantId=x", "422 UNKNOWN_PARAMETER"],
  ["/export?format=csv", "422 UNKNOWN_PARAMETER"],
  ["/entries?from=yesterday", "422 VALIDATION_FAILED"],
  ["/entries?format=xml", "422 VALIDATION_FAILED"],
])("answers %s with %s", async (path, expected) => {
  expect(codeOf(await read(path))).toBe(expected);
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
