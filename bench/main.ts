import { parseArgs } from "node:util";
import { benchLedgerGuards } from "./ledger-guards.ts";
import { pgbenchVersion, poolOf, runDriver, runPgbench, textbook } from "./pgbench.ts";
import { evenBuyer, press, zipfBuyer, type Pressing, type Rate } from "./press.ts";
import { openShop, openStage, type ShopOptions, type Stage } from "./stage.ts";
import type { CommitAsk } from "../server/kernel/types.ts";
import type { Shop } from "./stage.ts";

/**
 * npm run bench [-- --seconds N]: the kernel against the textbook transaction, both on one PostgreSQL
 * that is durable as in production. Machines are noisy and differ: quote the ratios of one run.
 */
const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" } } });
const seconds = Number(values.seconds);
const mandates = 100;

await using stage = await openStage();
const best = await benchTextbook(stage);

const rates = new Map<string, Rate>();
await benchKernel("kernel64", { mandates }, evenBuyer, { inFlight: 64, seconds });
await benchKernel("kernel256", { mandates }, evenBuyer, { inFlight: 256, seconds });
await benchKernel("kernel2000", { mandates }, evenBuyer, { inFlight: 2_000, seconds });
await benchKernel("soldout", { mandates, stock: 0n }, evenBuyer, {
  inFlight: 2_000,
  seconds,
  expect: "declined",
});
await benchKernel("oneBucket", { mandates, buckets: 1 }, evenBuyer, { inFlight: 256, seconds });
await benchKernel("many", { items: 1_000, mandates: 10_000 }, zipfBuyer, {
  inFlight: 2_000,
  seconds,
});

const guards = await benchLedgerGuards(stage);
const [withMs, withoutMs] = [guards.withMs.toFixed(1), guards.withoutMs.toFixed(1)];
console.log(
  `ledger guards: the legs of 500 purchases ${withMs} ms, without the checks ${withoutMs} ms`,
);

const rate = (name: string) => Math.round(rates.get(name)?.asksPerSecond ?? 0);
const ratio = (name: string) => (rate(name) / best).toFixed(1);
console.log(
  `bench: kernel64=${rate("kernel64")} kernel2000=${rate("kernel2000")} soldout=${rate("soldout")}` +
    ` many=${rate("many")} pgbench=${Math.round(best)} ratio64=${ratio("kernel64")}` +
    ` ratio2000=${ratio("kernel2000")} ratioSoldout=${ratio("soldout")} ratioMany=${ratio("many")}`,
);

async function benchTextbook(on: Stage): Promise<number> {
  const version = await pgbenchVersion();
  const run = version === undefined ? runDriver : runPgbench;
  console.log(
    version ?? "pgbench is not installed: the same transaction goes through node-postgres",
  );
  const shop = await openShop(on.db, { mandates });
  const statements = textbook(shop, await poolOf(on, shop));
  const name = version === undefined ? "driver" : "pgbench";
  let most = 0;
  for (const clients of [8, 16, 32]) {
    const perSecond = await run(on, statements, { clients, seconds, mandates });
    row(`${name} ${clients}`, perSecond, "");
    most = Math.max(most, perSecond);
  }
  return most;
}

async function benchKernel(
  name: string,
  shopOptions: ShopOptions,
  buyer: (shop: Shop) => () => CommitAsk,
  pressing: Pressing,
): Promise<void> {
  const shop = await openShop(stage.db, shopOptions);
  // Each phase begins with an empty log to write, as the textbook's first did.
  await stage.db.pool.query("checkpoint");
  const measured = await press(stage, buyer(shop), pressing);
  rates.set(name, measured);
  const { asksPerSecond, p50Ms, p99Ms, lostRaces } = measured;
  const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${lostRaces} lost races`;
  row(name, asksPerSecond, `${(asksPerSecond / best).toFixed(1)} × textbook, ${times}`);
}

function row(name: string, perSecond: number, more: string): void {
  console.log(
    `${name.padEnd(12)} ${Math.round(perSecond).toLocaleString("en").padStart(8)}/s  ${more}`,
  );
}
