import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../server/base/free-port.ts";
import { badLine } from "../server/testing/bad-line.ts";
import { ChildProgram } from "../server/testing/child-program.ts";
import { freshDatabase, type TestDatabase } from "../server/testing/database.ts";
import { commitAsk, makeShop, startKernel } from "../server/testing/factories.ts";
import { hasRedis, startPlainRedis } from "../server/testing/redis-servers.ts";
import { readBacklog } from "../server/outbox/backlog.ts";

/** Who is told to stop does, whatever it works with has fallen silent. */
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

it.runIf(hasRedis)(
  "a worker stops while Redis says nothing, and while the database does",
  { timeout: 150_000 },
  async () => {
    const redis = await startPlainRedis(await freePort());
    await using toRedis = await badLine(redis.url);
    await using toDatabase = await badLine(database.url);
    const settings = {
      ZERORACE_DATABASE_URL: toDatabase.url,
      ZERORACE_REDIS_URL: toRedis.url,
      ZERORACE_QUEUE: "on",
    };
    const kernel = startKernel(database.db);
    const shop = await makeShop(database.db, { item: { stock: 1_000n } });
    for (const silent of [toRedis, toDatabase]) {
      await using worker = await ChildProgram.of("worker", settings);
      await worker.start();
      const asks = Array.from({ length: 50 }, () => kernel.ask(commitAsk(shop)));
      await Promise.all(asks);
      const backlog = async (): Promise<number> => (await readBacklog(database.db)).events;
      await expect.poll(backlog, { timeout: 60_000 }).toBe(0);
      silent.swallow(true);
      await Promise.all(Array.from({ length: 50 }, () => kernel.ask(commitAsk(shop))));
      const toldAt = performance.now();
      const { code } = await worker.end("SIGTERM");
      process.stdout.write(`stopped after ${(performance.now() - toldAt).toFixed(0)} ms\n`);
      expect(code).toBe(0);
      silent.swallow(false);
    }
    await redis.stop();
  },
);
