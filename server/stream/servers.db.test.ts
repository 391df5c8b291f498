import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import type { Db } from "../db/open.ts";
import { channelOf } from "../live/announce.ts";
import { startServer, type RunningServer } from "../main.ts";
import { connectRedis } from "../redis/connect.ts";
import {
  commitBodyOf,
  makeStore,
  post,
  startApi,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { openTest } from "../testing/database.ts";
import { openDoor, type Door } from "../testing/door.ts";
import { listen, type Listener } from "../testing/listener.ts";
import { redisPrograms, startTestRedis, type TestRedis } from "../testing/redis-servers.ts";

describe.each(redisPrograms)("two servers that share %s", (_, program) => {
  let redis: TestRedis;
  let door: Door;
  let one: TestApi;
  let otherDb: Db;
  let other: RunningServer;
  let store: Store;
  beforeAll(async () => {
    redis = await startTestRedis(program);
    door = await openDoor(redis.url);
    one = await startApi({ ZERORACE_REDIS_URL: redis.url });
    const config = readConfig({
      ZERORACE_PORT: "0",
      ZERORACE_METRICS_PORT: "0",
      ZERORACE_DRAIN_DELAY_MS: "0",
      ZERORACE_REDIS_URL: door.url,
    });
    otherDb = openTest(one.database.url);
    other = await startServer(config, otherDb, makeLog("test", { logLevel: "silent" }));
    store = await makeStore(one);
  });
  afterAll(async () => {
    await other.drain();
    await otherDb.close();
    await one.close();
    await door.close();
    await redis.close();
  });

  const at = async (url: string, headers: Record<string, string> = {}): Promise<Listener> =>
    listen(`${url}/v1/stream?topics=purchases`, {
      Authorization: `Bearer ${store.key}`,
      ...headers,
    });
  const buy = async (url: string, by = store): Promise<string> => {
    const idempotencyKey = crypto.randomUUID();
    const body = commitBodyOf(by.shop);
    const to = { ...one, url };
    const reply = await post(to, "/v1/purchases/commit", body, { key: by.key, idempotencyKey });
    expect(reply.status).toBe(201);
    return String(reply.body.intentId);
  };
  const named = ({ heard }: Listener): unknown[] =>
    heard.filter(({ name }) => name === "purchases").flatMap(({ data }) => data.ids);

  it("a sale at either is heard at both, once, and no other tenant's at any", async () => {
    const here = await at(one.url);
    const there = await at(other.url);
    await Promise.all([here.next("open"), there.next("open")]);
    const stranger = await makeStore(one);
    await buy(one.url, stranger);
    const ids = [await buy(one.url), await buy(other.url), await buy(one.url)];
    for (const stream of [here, there]) {
      await expect.poll(() => named(stream).length, { timeout: 5_000 }).toBe(3);
      expect(new Set(named(stream))).toEqual(new Set(ids));
    }
  });

  it("who comes back at the other one is told that something may be missing", async () => {
    const here = await at(one.url);
    const { id } = await here.next("open");
    const there = await at(other.url, { "Last-Event-ID": id });
    expect((await there.next("gap")).data).toEqual({ reason: "TOO_LONG_AGO" });
  });

  it("when one cannot hear the other it says so, hears itself, and hears again later", async () => {
    const there = await at(other.url);
    await there.next("open");
    door.set("shut");
    await there.next("gap", ({ reason }) => reason === "OTHERS_NOT_HEARD");
    const own = await buy(other.url);
    await expect.poll(() => named(there)).toContain(own);
    await buy(one.url);
    door.set("open");
    await there.next("gap", ({ reason }) => reason === "OTHERS_NOT_HEARD");
    const last = await buy(one.url);
    await expect.poll(() => named(there), { timeout: 5_000 }).toContain(last);
  }, 30_000);

  it("nonsense that somebody publishes harms nobody", async () => {
    const there = await at(other.url);
    await there.next("open");
    const client = connectRedis(redis.url);
    await expect.poll(() => client.status).toBe("ready");
    const channel = channelOf(store.shop.tenantId);
    const foreign = { kind: "change", tenantId: "x", topic: "purchases", ids: ["no"], more: 0 };
    for (const text of ["", "{", "null", "[]", '{"from":"x"}', '{"from":"x","news":[{}]}']) {
      await client.publish(channel, text);
    }
    await client.publish(channel, JSON.stringify({ from: "x", news: [foreign] }));
    client.disconnect();
    const id = await buy(one.url);
    await expect.poll(() => named(there), { timeout: 5_000 }).toContain(id);
    expect(named(there)).not.toContain("no");
  });

  it("one that is silent is noticed, and heard again when it speaks", async () => {
    const there = await at(other.url);
    await there.next("open");
    door.set("silent");
    await there.next("gap", ({ reason }) => reason === "OTHERS_NOT_HEARD");
    door.set("open");
    await expect
      .poll(async () => named(there).includes(await buy(one.url)) || named(there).length > 0, {
        timeout: 15_000,
        interval: 500,
      })
      .toBe(true);
  }, 40_000);
});
