import { randomUUID } from "node:crypto";
import { pressFor } from "./load.ts";
import { pgbenchVersion, poolOf, runPgbench, textbook } from "./pgbench.ts";
import { openShop, openStage, withKernel, type Shop } from "./stage.ts";
import type { CommitAsk } from "../server/kernel/types.ts";

await using stage = await openStage();
const only = process.argv[2];
const shop = await openShop(stage.db);
const ask = (s: Shop, itemId: string, mandateId: string): CommitAsk => ({
  kind: "commit", tenantId: s.tenantId, merchantId: s.merchantId, key: randomUUID(), mandateId,
  agentId: "agent", lines: [{ itemId, quantity: 1n }], amountMinor: 2500n, currency: "USD",
});
const pick = <T>(list: readonly T[]) => list[Math.floor(Math.random() * list.length)] as T;
if (!only || only === "pg") {
  console.log(await pgbenchVersion());
  const statements = textbook(shop, await poolOf(stage, shop));
  for (const clients of [8, 16, 32]) console.log(clients, await runPgbench(stage, statements, { clients, seconds: 4, mandates: 1000 }));
}
for (const inFlight of [64, 256, 2000]) {
  if (only && only !== String(inFlight)) continue;
  await withKernel(stage.db, {}, async (kernel) => {
    console.log(inFlight, await pressFor(kernel, () => ask(shop, shop.itemIds[0]!, pick(shop.mandateIds)), { inFlight, seconds: 4 }));
  });
}
if (!only || only === "soldout") {
  const s = await openShop(stage.db, { stock: 10n });
  await withKernel(stage.db, {}, async (kernel) => {
    console.log("soldout", await pressFor(kernel, () => ask(s, s.itemIds[0]!, pick(s.mandateIds)), { inFlight: 2000, seconds: 4 }));
  });
}
if (!only || only === "many") {
  const s = await openShop(stage.db, { items: 1000, mandates: 10000, stock: 10_000_000n });
  const zipf = (n: number) => Math.floor(n ** Math.random()) - 1;
  await withKernel(stage.db, {}, async (kernel) => {
    console.log("many", await pressFor(kernel, () => ask(s, s.itemIds[zipf(1000)]!, s.mandateIds[zipf(10000)]!), { inFlight: 2000, seconds: 4 }));
  });
}
const lost = await stage.db.metrics.lostRaces.get();
console.log("lost races", lost.values[0]?.value);
