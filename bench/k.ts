import { evenBuyer, press } from "./press.ts";
import { openShop, openStage } from "./stage.ts";
await using stage = await openStage();
const shop = await openShop(stage.db);
for (const inFlight of (process.argv[2] ?? "64,64,256,2000").split(",").map(Number)) {
  const c = process.cpuUsage();
  const r = await press(stage, evenBuyer(shop), { inFlight, seconds: 3 });
  const d = process.cpuUsage(c);
  console.log(
    inFlight,
    Math.round(r.asksPerSecond),
    "node µs/ask",
    ((d.user + d.system) / (r.asksPerSecond * 4)).toFixed(0),
    "p50",
    r.p50Ms.toFixed(1),
  );
}
