import { setTimeout as sleep } from "node:timers/promises";
import type { Kernel } from "../server/kernel/gather.ts";
import type { CommitAsk } from "../server/kernel/types.ts";
import { Latency } from "../server/proof/latency.ts";
import { purchaseKey } from "../server/readplane/keys.ts";
import type { Plane } from "../server/readplane/open.ts";
import { readCopy } from "../server/readplane/query.ts";
import { startTestPlane } from "../server/testing/plane.ts";
import { startBenchWorker } from "./bench-worker.ts";
import { evenBuyer } from "./press.ts";
import { row } from "./row.ts";
import { mandates } from "./textbook.ts";
import { openShop, withKernel, type Stage } from "./stage.ts";

/** From a commit to the moment at which a reader of the copies has it, by somebody who looks. */
export async function benchPipeline(stage: Stage, seconds: number): Promise<string> {
  const dynamo = await startTestPlane(stage.db.metrics);
  const worker = await startBenchWorker(stage.postgres.url, dynamo);
  try {
    const shop = await openShop(stage.db, { items: 100, mandates });
    const buyer = evenBuyer(shop);
    return await withKernel(stage.db, {}, async (kernel) => {
      const at = (perSecond: number) =>
        paced(stage, { kernel, plane: dynamo.plane, buyer, perSecond, seconds });
      await at(100);
      const calm = await at(500);
      const busy = await at(2_000);
      const projected = await drain(stage, kernel, buyer, seconds);
      row("saturated", projected, "events told while the shop sells as fast as it can");
      const lag = (q: number) => Math.round(calm.quantile(q));
      return (
        `bench: projected=${Math.round(projected)} lagP50Ms=${lag(0.5)} lagP99Ms=${lag(0.99)} ` +
        `lagMaxMs=${lag(1)} lag2000P99Ms=${Math.round(busy.quantile(0.99))}`
      );
    });
  } finally {
    await worker[Symbol.asyncDispose]();
    await dynamo.close();
  }
}

interface Pace {
  readonly kernel: Kernel;
  readonly plane: Plane;
  readonly buyer: () => CommitAsk;
  readonly perSecond: number;
  readonly seconds: number;
}

const tickMs = 10;
/** Purchases a second that somebody waits for: more would measure those who look. */
const watchedPerSecond = 25;

async function paced(stage: Stage, pace: Pace): Promise<Latency> {
  const { kernel, plane, buyer, perSecond, seconds } = pace;
  const lag = new Latency();
  const under: Promise<void>[] = [];
  const startedAt = performance.now();
  let sold = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > seconds * 1_000) break;
    for (const due = (elapsedMs * perSecond) / 1_000; sold < due; sold++) {
      const isWatched = sold % Math.ceil(perSecond / watchedPerSecond) === 0;
      under.push(buy(kernel, buyer(), isWatched ? { plane, lag } : undefined));
    }
    await sleep(tickMs);
  }
  await Promise.all(under);
  const tookMs = performance.now() - startedAt;
  const [p50, p99, max] = [0.5, 0.99, 1].map((q) => Math.round(lag.quantile(q)));
  const left = await backlogOf(stage);
  row(
    `at ${perSecond}/s`,
    (sold * 1_000) / tookMs,
    `commit to visible p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; ${left} events left`,
  );
  return lag;
}

async function buy(
  kernel: Kernel,
  ask: CommitAsk,
  watched: { readonly plane: Plane; readonly lag: Latency } | undefined,
): Promise<void> {
  const answer = await kernel.ask(ask);
  if (answer.kind !== "granted")
    throw new Error(`the bench wants every ask granted: ${answer.kind}`);
  if (!watched) return;
  const grantedAt = performance.now();
  while (!(await readCopy(watched.plane, purchaseKey(answer.id)))) await sleep(5);
  watched.lag.record(performance.now() - grantedAt);
}

/** Events told a second while a backlog that never ends is sold. */
async function drain(
  stage: Stage,
  kernel: Kernel,
  buyer: () => CommitAsk,
  seconds: number,
): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  const before = await backlogOf(stage);
  let sold = 0;
  const sell = async (): Promise<void> => {
    while (performance.now() < until) {
      await kernel.ask(buyer());
      sold += 1;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 256 }, sell));
  const told = sold - ((await backlogOf(stage)) - before);
  const rate = (told * 1_000) / (performance.now() - startedAt);
  row("sold", (sold * 1_000) / (performance.now() - startedAt), "meanwhile");
  const drainedFrom = performance.now();
  const left = await backlogOf(stage);
  while ((await backlogOf(stage)) > 0) await sleep(50);
  row("caught up", (left * 1_000) / (performance.now() - drainedFrom), `${left} events, alone`);
  return rate;
}

async function backlogOf({ db }: Stage): Promise<number> {
  const { rows } = await db.pool.query<{ count: number }>(
    "select count(*)::integer as count from outbox where kind like 'purchase.%'",
  );
  return rows[0]?.count ?? 0;
}
