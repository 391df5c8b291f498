import { evenBuyer, press } from "./press.ts";
import { openShop, openStage } from "./stage.ts";
await using stage = await openStage();
const shop = await openShop(stage.db);
const inFlight = Number(process.argv[2]);
const seen = new Map<string, number>();
let go = true;
const sampler = (async () => {
  while (go) {
    const r = await stage.db.pool.query(
      "select coalesce(wait_event_type||':'||wait_event,'cpu')||' '||state||' '||left(regexp_replace(query,'\\s+',' ','g'),28) w from pg_stat_activity where application_name='zerorace-kernel'",
    );
    for (const { w } of r.rows) seen.set(w, (seen.get(w) ?? 0) + 1);
    await new Promise((f) => setTimeout(f, 10));
  }
})();
const r = await press(stage, evenBuyer(shop), { inFlight, seconds: 4 });
go = false;
await sampler;
console.log(Math.round(r.asksPerSecond));
const tot = [...seen.values()].reduce((a, b) => a + b);
for (const [k, v] of [...seen].sort((a, b) => b[1] - a[1]).slice(0, 24))
  console.log(((v / tot) * 100).toFixed(1) + "%", k);
