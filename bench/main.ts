import { UsageError } from "../server/commands/command.ts";
import { readBench, type BenchAsked, type BenchName } from "./command-line.ts";
import { benchDsql } from "./dsql.ts";
import { benchHttp } from "./http.ts";
import { benchKernel } from "./kernel.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchRegions } from "./regions.ts";
import { benchRoom } from "./room.ts";
import { openStage, type Stage } from "./stage.ts";
import { benchWithout } from "./without.ts";

/**
 * npm run bench -- [NAME] [--seconds N]: against the textbook transaction, on one PostgreSQL that
 * is durable as in production. Machines are noisy and differ: quote the ratios of one run.
 */
const benches: Readonly<Record<BenchName, (stage: Stage, seconds: number) => Promise<string>>> = {
  kernel: benchKernel,
  http: benchHttp,
  dsql: benchDsql,
  regions: benchRegions,
  pipeline: benchPipeline,
  room: benchRoom,
  without: benchWithout,
};

function asked(): BenchAsked | string | undefined {
  try {
    return readBench(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`bench: ${error.message}`);
    process.exitCode = 2;
    return undefined;
  }
}

const wanted = asked();
if (typeof wanted === "string") console.log(wanted);
else if (wanted !== undefined) {
  await using stage = await openStage();
  console.log(await benches[wanted.name](stage, wanted.seconds));
}
