import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeLog } from "../server/base/log.ts";
import { compareBalances } from "../server/balances/compare.ts";
import { openBalances, type BalanceCopies } from "../server/balances/copies.ts";
import { tellsNobody } from "../server/live/announce.ts";
import { connectRedis } from "../server/redis/connect.ts";
import { call, makeKey, startApi, type Reply, type TestApi } from "../server/testing/api.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeShop,
  startKernel,
  type Shop,
} from "../server/testing/factories.ts";
import { query } from "../server/testing/look.ts";
import { redisPrograms, startTestRedis, type TestRedis } from "../server/testing/redis-servers.ts";
import { handle } from "./handle.ts";
import type { JobContext } from "./job.ts";
import { readDue, shardCount } from "./outbox/due.ts";
import { relayOnce } from "./relay.ts";

const shards = Array.from({ length: shardCount }, (_, shard) => shard);

describe.each(redisPrograms)("balances in %s", (_, program) => {
  let redis: TestRedis;
  let api: TestApi;
  let copies: BalanceCopies;
  let ctx: JobContext;
  let shop: Shop;
  let key: string;
  beforeAll(async () => {
    redis = await startTestRedis(program);
    api = await startApi({ ZERORACE_REDIS_URL: redis.url, ZERORACE_REDIS_TIMEOUT_MS: "2000" });
    copies = openBalances(redis.url, { timeoutMs: 2_000 });
    await copies.settled(5_000);
    const { db } = api.database;
    const log = makeLog("test", { logLevel: "silent" });
    const parts = { db, log, metrics: db.metrics, plane: undefined, tells: tellsNobody };
    ctx = { ...parts, balances: copies };
    shop = await makeShop(db, { item: { stock: 5_000n } });
    key = await makeKey(api, shop, ["ledger:read"]);
  });
  afterAll(async () => {
    copies.close();
    await api.close();
    await redis.close();
  });

  const tellAll = async (by = ctx): Promise<void> => {
    while ((await relayOnce(by, { shards: () => shards })) > 0);
  };
  async function flush(): Promise<void> {
    const client = connectRedis(redis.url);
    await expect.poll(() => client.status).toBe("ready");
    await client.flushall();
    client.disconnect();
  }
  async function sellSome(): Promise<void> {
    const kernel = startKernel(api.database.db);
    const sold = await Promise.all(
      Array.from({ length: 12 }, () => granted(kernel.ask(commitAsk(shop)))),
    );
    const [one = ""] = sold;
    await granted(kernel.ask({ kind: "refund", ...about(shop, one), amountMinor: 30n }));
    const held = await granted(kernel.ask(holdAsk(shop, { quantity: 2n })));
    await granted(kernel.ask({ kind: "capture", ...about(shop, held), quantity: 1n }));
    await granted(kernel.ask(holdAsk(shop)));
  }
  /** The journal, added up in other words than the product's. */
  const journal = (column: "tenant_id" | "owner_id", id: string) =>
    query<{ account: string; currency: string; balanceMinor: bigint; legs: bigint }>(
      api.database.db,
      `select account, currency, sum(amount_minor)::bigint as "balanceMinor", count(*)::bigint as legs
         from ledger_entries where ${column} = $1 group by 1, 2 order by 1, 2`,
      [id],
    );
  async function expectAsJournal(): Promise<void> {
    for (const [column, id] of [
      ["tenant_id", shop.tenantId],
      ["owner_id", shop.merchantId],
    ] as const) {
      expect((await copies.read(id))?.accounts, column).toEqual(await journal(column, id));
    }
  }

  it("are the journal's after events that came twice, out of order and at the same time", async () => {
    await sellSome();
    await tellAll();
    await expectAsJournal();
    await sellSome();
    const due = await readDue(ctx.db, shards, 1_000);
    const mixed = [...due, ...due].toSorted(() => Math.random() - 0.5);
    const third = Math.ceil(mixed.length / 3);
    const parts = [0, 1, 2].map((part) => mixed.slice(part * third, (part + 1) * third));
    await Promise.all(parts.map((part, slice) => handle(ctx, [...new Set(part)], slice)));
    await handle(ctx, due, 5);
    await tellAll();
    await expectAsJournal();
  });

  it("an addition counts once, in its turn, whatever is added when", async () => {
    const ownerId = crypto.randomUUID();
    const slice = { account: "MERCHANT_PAYABLE", kind: "commit", currency: "USD", slice: 3 };
    const at = (version: bigint, amountMinor: bigint, legs = 1n) => {
      return { ...slice, version, amountMinor, legs };
    };
    const balance = async () => (await copies.read(ownerId))?.accounts[0]?.balanceMinor;
    const put = (version: bigint, amountMinor: bigint, ms: number) =>
      copies.put({ ownerId, asOf: new Date(ms), additions: [at(version, amountMinor, version)] });
    expect(await copies.add(ownerId, [at(1n, 10n)]), "nothing is there yet").toBe(false);
    expect(await balance()).toBeUndefined();
    await put(1n, 10n, 1_000);
    expect(await copies.add(ownerId, [at(2n, 5n)])).toBe(true);
    expect(await copies.add(ownerId, [at(2n, 5n)]), "again").toBe(true);
    expect(await balance()).toBe(15n);
    expect(await copies.add(ownerId, [at(4n, 7n)]), "the third is missing").toBe(false);
    expect(await balance()).toBe(15n);
    await put(4n, 30n, 3_000);
    // Late, and of the past.
    await copies.add(ownerId, [at(3n, 8n)]);
    await put(2n, 15n, 2_000);
    expect(await balance()).toBe(30n);
    expect((await copies.read(ownerId))?.asOf).toEqual(new Date(3_000));
    // The books were restored to what they were before.
    const restored = { ownerId, asOf: new Date(2_500), additions: [at(3n, 22n, 3n)] };
    await copies.put(restored, { force: true });
    expect(await copies.read(ownerId)).toMatchObject({
      asOf: new Date(2_500),
      accounts: [{ balanceMinor: 22n, legs: 3n }],
    });
  });

  it("are the journal's again after a flush in the middle, a kill, and a Redis that was away", async () => {
    await sellSome();
    const due = await readDue(ctx.db, shards, 1_000);
    await handle(ctx, due.slice(0, 8), 0);
    await flush();
    await handle(ctx, due.slice(8), 0);
    await sellSome();
    await tellAll();
    await expectAsJournal();
    // Killed between the commit of the sums and Redis; whoever comes next closes the gap.
    await sellSome();
    const unheard = { ...ctx, balances: undefined };
    await relayOnce(unheard, { shards: () => shards });
    await tellAll();
    await expectAsJournal();
    // Redis was away for all of it; the next sale is told whole.
    await sellSome();
    await tellAll(unheard);
    const behind = await copies.read(shop.merchantId);
    expect(behind?.accounts).not.toEqual(await journal("owner_id", shop.merchantId));
    await sellSome();
    await tellAll();
    await expectAsJournal();
  });

  const read = (more: string): Promise<Reply> =>
    call(`${api.url}/v1/ledger/balances?${more}`, { headers: { Authorization: `Bearer ${key}` } });

  it("answer who says how old they may be, when they can; else every leg is summed", async () => {
    await sellSome();
    await tellAll();
    const books = (await read("")).body;
    expect(books).toMatchObject({ source: "books" });
    expect((await read("maxAgeSeconds=1")).body, "5 s behind at best").toMatchObject({
      source: "books",
    });
    const { body } = await read("maxAgeSeconds=60");
    expect(body).toMatchObject({ source: "copies", trialBalance: books.trialBalance });
    // Copies keep balances, and not both sides of them.
    const sides = { debitMinor: expect.any(Number), creditMinor: expect.any(Number) };
    const copied = (body.accounts as object[]).map((row) => ({ ...row, ...sides }));
    expect(books.accounts).toEqual(copied);
    expect(Date.now() - Date.parse(String(body.asOf))).toBeGreaterThan(4_000);
    const own = await read(`merchantId=${shop.merchantId}&maxAgeSeconds=60`);
    expect(own.body).toMatchObject({ source: "copies", trialBalance: [] });
    // What is not told yet is not in it, and it does not say so.
    await query(ctx.db, "delete from outbox");
    await sellSome();
    await query(ctx.db, "update outbox set created_at = created_at - interval '1 hour'");
    await flush();
    await expect
      .poll(async () => (await copies.read(shop.tenantId)) ?? (await read("maxAgeSeconds=60")).body)
      .toMatchObject({ asOf: expect.any(Date) });
    expect((await read("maxAgeSeconds=60")).body).toMatchObject({ source: "books" });
    await tellAll();
    expect((await read("maxAgeSeconds=0")).status).toBe(422);
  });

  it("that were tampered with are found and put right", async () => {
    await sellSome();
    await tellAll();
    expect(await compareBalances(ctx.db, copies)).toEqual([]);
    const client = connectRedis(redis.url);
    await expect.poll(() => client.status).toBe("ready");
    await client.hincrby(`zr:balance:${shop.merchantId}`, "b MERCHANT_PAYABLE USD", 7);
    client.disconnect();
    const wrong = { ownerId: shop.merchantId, account: "MERCHANT_PAYABLE", amountMinor: -7n };
    expect(await compareBalances(ctx.db, copies, { repair: true })).toMatchObject([wrong]);
    expect(await compareBalances(ctx.db, copies)).toEqual([]);
    await expectAsJournal();
  });
});
