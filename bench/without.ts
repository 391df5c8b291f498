import { setTimeout as sleep } from "node:timers/promises";
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

/** Many and short: what else the machine does strikes some pairs, and not the one in the middle. */
const pairs = 20;
const connections = 16;

type State = "open" | "shut";

/**
 * Purchases over HTTP while Redis and DynamoDB are there, and while nobody gets through to them: in pairs, of
 * which every other one begins with the other state, so that a machine that slows down favours neither.
 */
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
    let caughtUpMaxMs = 0;
    const p99In = async (state: State): Promise<number> => {
      for (const door of doors) door.set("open");
      // What was not told meanwhile is told first: catching up is a measure of its own.
      caughtUpMaxMs = Math.max(caughtUpMaxMs, await untilTold(stage));
      for (const door of doors) door.set(state);
      const pressing = { connections, seconds };
      const { latency, requestsPerSecond, refused } = await pressHttp(server, next, pressing);
      if (refused > 0) throw new Error(`${refused} answers were not 2xx`);
      const p99 = latency.quantile(0.99);
      row(state, requestsPerSecond, `p99 ${p99.toFixed(1)} ms, none refused`);
      return p99;
    };
    await p99In("open");
    const ratios: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const order: readonly State[] = pair % 2 === 0 ? ["open", "shut"] : ["shut", "open"];
      const p99 = { open: 1, shut: 1 };
      for (const state of order) p99[state] = await p99In(state);
      ratios.push(p99.shut / p99.open);
    }
    return `${summary(ratios)} caughtUpMaxMs=${Math.round(caughtUpMaxMs)}`;
  } finally {
    for (const door of doors) await door.close();
    await Promise.all([redis.close(), dynamo.close()]);
  }
}

/**
 * The median, the middle half, and between which two pairs the true median lies in 95 of 100 such runs: of 20
 * that is the 6th to the 15th.
 */
function summary(ratios: readonly number[]): string {
  const sorted = ratios.toSorted((a, b) => a - b);
  const at = (share: number): string => {
    const place = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)] ?? 1, sorted[Math.ceil(place)] ?? 1];
    return (low + (high - low) * (place - Math.floor(place))).toFixed(3);
  };
  const half = 0.98 * Math.sqrt(sorted.length);
  const [from, to] = [sorted.length / 2 - half, sorted.length / 2 + half - 1].map(Math.round);
  const sure = [sorted[Math.max(0, from ?? 0)], sorted[Math.min(sorted.length - 1, to ?? 0)]];
  return (
    `bench: p99DownToUp=${at(0.5)} middleHalf=${at(0.25)}..${at(0.75)} ` +
    `median95=${sure.map((ratio) => (ratio ?? 1).toFixed(3)).join("..")} pairs=${sorted.length}`
  );
}

const patienceMs = 60_000;

/** How long it took. */
async function untilTold({ db }: Stage): Promise<number> {
  const since = performance.now();
  const waiting = "select exists (select from outbox where kind like 'purchase.%') as some";
  for (;;) {
    const { rows } = await db.pool.query<{ some: boolean }>(waiting);
    const ms = performance.now() - since;
    if (rows[0]?.some !== true) return ms;
    if (ms > patienceMs) throw new Error("what was sold is not told after a minute");
    await sleep(50);
  }
}
