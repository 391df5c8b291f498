import { setTimeout as sleep } from "node:timers/promises";
import { makeMetrics } from "../server/base/metrics.ts";
import { openDb } from "../server/db/open.ts";
import { postgresAt } from "../server/db/place.ts";
import { swarmAsText } from "../server/proof/swarm-report.ts";
import { runSwarm } from "../server/proof/swarm.ts";
import { unreliable, type Unreliable } from "../server/proof/unreliable.ts";
import type { Stage } from "./stage.ts";

const agents = 100_000;
const cutAfter = agents / 4;
const backAfter = (agents * 5) / 8;

/**
 * Two endpoints in front of one database, as a peered cluster has them: 100,000 agents want 100
 * units, the home endpoint is cut in mid-run and comes back later.
 */
export async function benchRegions({ postgres }: Stage, _seconds: number): Promise<string> {
  const [home, away] = [await unreliable(postgres.url), await unreliable(postgres.url)];
  const db = openDb({ place: postgresAt([home.url, away.url]), name: "bench" }, makeMetrics());
  const moments: Partial<Record<"cut" | "failedOver" | "returned" | "home", number>> = {};
  const watching = watch(home, away, moments);
  try {
    const options = { agents, units: 100, mandates: 1_000, seed: 2_026, duplicates: 0.01 };
    const report = await runSwarm(db, { ...options, concurrency: 2_000 }, ({ answered }) => {
      if (answered > cutAfter && moments.cut === undefined) {
        moments.cut = performance.now();
        home.refuse(true);
      }
      if (answered > backAfter && moments.returned === undefined) {
        moments.returned = performance.now();
        home.refuse(false);
      }
    });
    console.log(swarmAsText(report));
    const { cut = NaN, failedOver = NaN, returned = NaN, home: homeAgain = NaN } = moments;
    const [over, back] = [Math.round(failedOver - cut), Math.round(homeAgain - returned)];
    const [first, second] = report.regions.map(({ batches }) => batches);
    return (
      `bench: ok=${report.ok} sold=${report.sold} homeBatches=${first} awayBatches=${second}` +
      ` failedOverMs=${over} backHomeMs=${back} longestSilenceMs=${report.longestSilenceMs}`
    );
  } finally {
    watching.abort();
    await db.close();
    await Promise.all([home.close(), away.close()]);
  }
}

/** The first COMMIT at the other endpoint after the cut, and the first at home after the return. */
function watch(
  home: Unreliable,
  away: Unreliable,
  moments: Partial<Record<"cut" | "failedOver" | "returned" | "home", number>>,
): AbortController {
  const stopped = new AbortController();
  const look = async (): Promise<void> => {
    let homeBefore = 0;
    while (!stopped.signal.aborted) {
      if (moments.cut !== undefined && away.counts.commits > 0) {
        moments.failedOver ??= performance.now();
      }
      if (moments.returned === undefined) homeBefore = home.counts.commits;
      else if (home.counts.commits > homeBefore) moments.home ??= performance.now();
      await sleep(1);
    }
  };
  void look();
  return stopped;
}
