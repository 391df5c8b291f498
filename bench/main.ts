import { parseArgs } from "node:util";
import { benchDsql } from "./dsql.ts";
import { benchHttp } from "./http.ts";
import { benchKernel } from "./kernel.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchRegions } from "./regions.ts";
import { benchRoom } from "./room.ts";
import { openStage } from "./stage.ts";
import { benchWithout } from "./without.ts";

/**
 * npm run bench [-- NAME] [-- --seconds N]: against the textbook transaction, on one PostgreSQL that
 * is durable as in production. Machines are noisy and differ: quote the ratios of one run.
 */
const benches = {
  kernel: benchKernel,
  http: benchHttp,
  dsql: benchDsql,
  regions: benchRegions,
  pipeline: benchPipeline,
  room: benchRoom,
  without: benchWithout,
};
const { values, positionals } = parseArgs({
  options: { seconds: { type: "string" } },
  allowPositionals: true,
});
const [name = "kernel"] = positionals;
const bench = Object.hasOwn(benches, name) ? benches[name as keyof typeof benches] : undefined;
const seconds = Number(values.seconds ?? (name === "without" ? 2 : 5));
if (bench === undefined || positionals.length > 1 || !(seconds > 0)) {
  console.error(`npm run bench [-- ${Object.keys(benches).join("|")}] [-- --seconds N]`);
  process.exitCode = 2;
} else {
  await using stage = await openStage();
  console.log(await bench(stage, seconds));
}
