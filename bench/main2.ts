import { readFileSync, readdirSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { pressFor } from "./load.ts";
import { poolOf, runPgbench, textbook } from "./pgbench.ts";
import { openShop, openStage, withKernel, type Shop } from "./stage.ts";
import type { CommitAsk } from "../server/kernel/types.ts";
await using stage = await openStage();
const only = process.argv[2];
const pm = Number(readFileSync(stage.postgres.dataDir + "/postmaster.pid", "utf8").split("\n")[0]);
function pgCpu() { let t = 0; for (const d of readdirSync("/proc")) { if (!/^\d+$/.test(d)) continue; try { const s = readFileSync(`/proc/${d}/stat`, "utf8"); const f = s.slice(s.lastIndexOf(")") + 2).split(" "); if (Number(d) === pm) t += +f[13]! + +f[14]!; if (Number(d) === pm || Number(f[1]) === pm) t += Number(f[11]) + Number(f[12]); } catch {} } return t * 10000; }
const shop = await openShop(stage.db);
const ask = (s: Shop, itemId: string, mandateId: string): CommitAsk => ({ kind: "commit", tenantId: s.tenantId, merchantId: s.merchantId, key: randomUUID(), mandateId, agentId: "agent", lines: [{ itemId, quantity: 1n }], amountMinor: 2500n, currency: "USD" });
const pick = <T>(list: readonly T[]) => list[Math.floor(Math.random() * list.length)] as T;
async function phase(name: string, inFlight: number, next: () => CommitAsk) {
  await withKernel(stage.db, {}, async (kernel) => {
    const p0 = pgCpu(), n0 = process.cpuUsage(), t0 = performance.now();
    const r = await pressFor(kernel, next, { inFlight, seconds: 3 });
    const n = process.cpuUsage(n0), p = pgCpu() - p0, all = (r.granted + r.declined) * (performance.now() - t0) / 3000;
    console.log(name, Math.round(r.asksPerSecond) + "/s", "node", ((n.user + n.system) / all).toFixed(1), "pg", (p / all).toFixed(1), "µs/ask → ", Math.round(2e6 / ((n.user + n.system + p) / all)), "at 2 cores");
  });
}
if (!only || only === "pg") { const st = textbook(shop, await poolOf(stage, shop)); for (const clients of [8, 16, 32]) { const p0 = pgCpu(); const r = await runPgbench(stage, st, { clients, seconds: 4, mandates: 1000 }); console.log("pgbench", clients, Math.round(r), "pg", ((pgCpu() - p0) / (r * 4)).toFixed(0), "µs/tx"); } }
const hot = () => ask(shop, shop.itemIds[0]!, pick(shop.mandateIds));
for (const n of [64, 256, 2000]) if (!only || only === String(n)) await phase("k" + n, n, hot);
if (!only || only === "soldout") { const s = await openShop(stage.db, { stock: 10n }); await phase("soldout", 2000, () => ask(s, s.itemIds[0]!, pick(s.mandateIds))); }
if (!only || only === "many") { const s = await openShop(stage.db, { items: 1000, mandates: 10000, stock: 10_000_000n }); const zipf = (n: number) => Math.floor(n ** Math.random()) - 1; await phase("many", 2000, () => ask(s, s.itemIds[zipf(1000)]!, s.mandateIds[zipf(10000)]!)); }
