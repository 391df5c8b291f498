import { afterEach, beforeEach, expect, it } from "vitest";
import { openDoor, type Door } from "../testing/door.ts";
import { startTestRedis, type TestRedis } from "../testing/redis-servers.ts";
import { connectRedis } from "./connect.ts";
import { findServer } from "./embedded.ts";
import { openFastRedis, scriptOf, type FastRedis } from "./fast.ts";

let server: TestRedis;
let door: Door;
let redis: FastRedis;
const changes: boolean[] = [];
beforeEach(async () => {
  server = await startTestRedis();
  door = await openDoor(server.url);
  changes.length = 0;
  redis = openFastRedis(door.url, {
    timeoutMs: 100,
    probeMs: 50,
    onChange: (isAway) => changes.push(isAway),
  });
  await redis.settled(10_000);
});
afterEach(async () => {
  redis.close();
  await door.close();
  await server.close();
});

const one = scriptOf("return 1");
const run = () => redis.run(one, [], []);
const untilBack = () => expect.poll(() => redis.isAway, { timeout: 8_000 }).toBe(false);

it("runs a script, also one that Redis has not met or has forgotten", async () => {
  expect(redis.isAway).toBe(false);
  expect(await run()).toBe(1);
  const forget = scriptOf("return redis.call('SET', KEYS[1], ARGV[1])");
  expect(await redis.run(forget, ["k"], ["v"])).toBe("OK");
  expect(await redis.run(forget, ["k"], ["v"])).toBe("OK");
});

it("is away as soon as its connection is, refuses at once, and comes back by itself", async () => {
  door.set("shut");
  await expect.poll(() => redis.isAway).toBe(true);
  const startedAt = performance.now();
  await expect(run()).rejects.toThrow();
  expect(performance.now() - startedAt).toBeLessThan(50);
  door.set("open");
  await untilBack();
  expect(await run()).toBe(1);
  expect(changes).toEqual([false, true, false]);
});

it("gives up one that is silent after three calls that were late, and not after one", async () => {
  door.set("silent");
  await expect(run()).rejects.toThrow("no answer within 100 ms");
  expect(redis.isAway).toBe(false);
  const late = await Promise.allSettled([run(), run(), run()]);
  expect(late.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(redis.isAway).toBe(true);
  door.set("open");
  await untilBack();
  expect(await run()).toBe(1);
});

it.runIf((await findServer()) !== "js")("is away while it takes no writes", async () => {
  const client = connectRedis(server.url, { enableOfflineQueue: true });
  await client.config("SET", "maxmemory", "1");
  const write = scriptOf("return redis.call('SET', KEYS[1], 'v')");
  await Promise.allSettled([1, 2, 3].map(() => redis.run(write, ["k"], [])));
  expect(redis.isAway).toBe(true);
  await client.config("SET", "maxmemory", "0");
  await untilBack();
  client.disconnect();
});

it("blames nobody for the time that this process itself was busy", async () => {
  // Past the door, which is in this process and would be held up as well.
  const direct = openFastRedis(server.url, { timeoutMs: 100 });
  await direct.settled(10_000);
  expect(await direct.run(one, [], [])).toBe(1);
  const running = direct.run(one, [], []);
  const busyUntil = performance.now() + 300;
  while (performance.now() < busyUntil);
  expect(await running).toBe(1);
  direct.close();
});

it("does not hold up a start when there is nobody", async () => {
  const nobody = openFastRedis("redis://127.0.0.1:1");
  const startedAt = performance.now();
  await nobody.settled(200);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(nobody.isAway).toBe(true);
  nobody.close();
});
