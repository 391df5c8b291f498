import type { CommitAsk } from "../server/kernel/types.ts";
import { benchLedgerGuards } from "./ledger-guards.ts";
import { evenBuyer, press, zipfBuyer, type Pressing, type Rate } from "./press.ts";
import { row } from "./row.ts";
import { openShop, type Shop, type ShopOptions, type Stage } from "./stage.ts";
import { benchTextbook, mandates } from "./textbook.ts";

/** The kernel as its callers in the same process have it. */
export async function benchKernel(stage: Stage, seconds: number): Promise<string> {
  const best = await benchTextbook(stage, seconds);
  const rates = new Map<string, Rate>();
  const phase = async (
    name: string,
    shopOptions: ShopOptions,
    buyer: (shop: Shop) => () => CommitAsk,
    pressing: Omit<Pressing, "seconds">,
  ): Promise<void> => {
    const shop = await openShop(stage.db, shopOptions);
    // Each phase begins with an empty log to write, as the textbook's first did.
    await stage.db.pool.query("checkpoint");
    const measured = await press(stage, buyer(shop), { ...pressing, seconds });
    rates.set(name, measured);
    const { asksPerSecond, p50Ms, p99Ms, lostRaces } = measured;
    const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${lostRaces} lost races`;
    row(name, asksPerSecond, `${(asksPerSecond / best).toFixed(1)} × textbook, ${times}`);
  };

  await phase("kernel64", { mandates }, evenBuyer, { inFlight: 64 });
  await phase("kernel256", { mandates }, evenBuyer, { inFlight: 256 });
  await phase("kernel2000", { mandates }, evenBuyer, { inFlight: 2_000 });
  const none = { mandates, stock: 0n };
  await phase("soldout", none, evenBuyer, { inFlight: 2_000, expect: "declined" });
  await phase("oneBucket", { mandates, buckets: 1 }, evenBuyer, { inFlight: 256 });
  await phase("many", { items: 1_000, mandates: 10_000 }, zipfBuyer, { inFlight: 2_000 });

  const guards = await benchLedgerGuards(stage);
  const [withMs, withoutMs] = [guards.withMs.toFixed(1), guards.withoutMs.toFixed(1)];
  console.log(
    `ledger guards: the legs of 500 purchases ${withMs} ms, without the checks ${withoutMs} ms`,
  );

  const rate = (name: string) => Math.round(rates.get(name)?.asksPerSecond ?? 0);
  const ratio = (name: string) => (rate(name) / best).toFixed(1);
  return (
    `bench: kernel64=${rate("kernel64")} kernel2000=${rate("kernel2000")} soldout=${rate("soldout")}` +
    ` many=${rate("many")} pgbench=${Math.round(best)} ratio64=${ratio("kernel64")}` +
    ` ratio2000=${ratio("kernel2000")} ratioSoldout=${ratio("soldout")} ratioMany=${ratio("many")}`
  );
}
