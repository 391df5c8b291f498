import { openDoor } from "../server/testing/door.ts";
import { startTestPlane } from "../server/testing/plane.ts";
import { startTestRedis } from "../server/testing/redis-servers.ts";
import { startBenchWorker } from "./bench-worker.ts";
import { pressHttp } from "./http-clients.ts";
import { startBenchServer } from "./http-server.ts";
import { singleRoute } from "./http.ts";
import { even } from "./press.ts";
import { row } from "./row.ts";
import { openShop, type Stage } from "./stage.ts";
import { mandates } from "./textbook.ts";

const pairs = 5;
const connections = 16;

/** Purchases over HTTP while Redis and DynamoDB are there, and while nobody gets through to them, in turn. */
export async function benchWithout(stage: Stage, seconds: number): Promise<string> {
  const redis = await startTestRedis();
  const dynamo = await startTestPlane();
  const doors = [await openDoor(redis.url), await openDoor(dynamo.endpoint)] as const;
  const [{ url: redisUrl }, { url: endpoint }] = doors;
  const more = { ZERORACE_REDIS_URL: redisUrl };
  try {
    await using server = await startBenchServer(stage.postgres.url, {
      ...more,
      ZERORACE_RATE_PER_KEY: "100000",
      ZERORACE_RATE_PER_TENANT: "100000",
    });
    await using _worker = await startBenchWorker(stage.postgres.url, { ...dynamo, endpoint }, more);
    const shop = await openShop(stage.db, { mandates });
    const next = await singleRoute(stage, even)(shop, server);
    const ratios: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const times: number[] = [];
      for (const state of ["open", "shut"] as const) {
        for (const door of doors) door.set(state);
        const { latency, requestsPerSecond, refused } = await pressHttp(server, next, {
          connections,
          seconds,
        });
        if (refused > 0) throw new Error(`${refused} answers were not 2xx`);
        times.push(latency.quantile(0.99));
        row(state, requestsPerSecond, `p99 ${latency.quantile(0.99).toFixed(1)} ms, none refused`);
      }
      const [up = 1, down = 1] = times;
      ratios.push(down / up);
    }
    const median = ratios.toSorted((a, b) => a - b)[Math.floor(pairs / 2)] ?? 1;
    return `bench: p99DownToUp=${median.toFixed(2)}`;
  } finally {
    for (const door of doors) await door.close();
    await Promise.all([redis.close(), dynamo.close()]);
  }
}
