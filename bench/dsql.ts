import { migrate } from "../server/db/migrate.ts";
import { databaseAt, onServer } from "../server/testing/server.ts";
import { behindDsql } from "./local-dsql.ts";
import { evenBuyer, press, type Rate } from "./press.ts";
import { row } from "./row.ts";
import { openShop, type Stage } from "./stage.ts";
import type { Db } from "../server/db/open.ts";

const rounds = 3;

/**
 * The kernel through the local Aurora DSQL: what its rules cost, in turns with a relay that has none;
 * and how buckets and lanes carry a COMMIT that travels.
 */
export async function benchDsql({ postgres }: Stage, seconds: number): Promise<string> {
  const databaseUrl = databaseAt(postgres.url, "dsql");
  await onServer(postgres.url, "create database dsql template template0");
  await onServer(postgres.url, "alter database dsql set search_path = zerorace, public");
  const rates = await costOfRules(databaseUrl, seconds);
  await travellingCommits(databaseUrl, seconds);
  await crowds(databaseUrl, seconds);
  const [ruled, plain] = [median(rates.rules), median(rates.relay)];
  const costPercent = ((1 - ruled / plain) * 100).toFixed(0);
  return `bench: dsql=${Math.round(ruled)} passThrough=${Math.round(plain)} costPercent=${costPercent}`;
}

async function costOfRules(
  databaseUrl: string,
  seconds: number,
): Promise<Record<"rules" | "relay", number[]>> {
  const rates = { rules: [] as number[], relay: [] as number[] };
  await using local = await behindDsql(databaseUrl, ["--patient-sessions"]);
  await migrate(local.db);
  await using relay = await behindDsql(databaseUrl, ["--pass-through"]);
  for (let round = 1; round <= rounds; round++) {
    for (const [name, { db }] of [
      ["rules", local],
      ["relay", relay],
    ] as const) {
      const rate = await oneItem(db, seconds, {});
      rates[name].push(rate.asksPerSecond);
      tell(`${name} ${round}`, rate);
    }
  }
  return rates;
}

async function travellingCommits(databaseUrl: string, seconds: number): Promise<void> {
  for (const delayMs of [5, 15, 40]) {
    const options = ["--patient-sessions", "--commit-delay", String(delayMs)];
    await using local = await behindDsql(databaseUrl, options);
    for (const buckets of [1, 8, 64]) {
      for (const lanes of [4, 16]) {
        const rate = await oneItem(local.db, seconds, { buckets, lanes });
        tell(`${delayMs} ms, ${buckets} buckets, ${lanes} lanes`, rate);
      }
    }
  }
}

/** What a process carries where a COMMIT takes as long as within one region, and as over two. */
async function crowds(databaseUrl: string, seconds: number): Promise<void> {
  for (const delayMs of [20, 45]) {
    const options = ["--patient-sessions", "--commit-delay", String(delayMs)];
    await using local = await behindDsql(databaseUrl, options);
    for (const waiting of [256, 1_024, 4_096]) {
      const rate = await oneItem(local.db, seconds, { buckets: 8, inFlight: waiting });
      tell(`${delayMs} ms, ${waiting.toLocaleString("en-US")} in flight`, rate);
    }
  }
}

interface OneItem {
  readonly buckets?: number;
  readonly lanes?: number;
  readonly inFlight?: number;
}

async function oneItem(db: Db, seconds: number, given: OneItem): Promise<Rate> {
  const { buckets = 64, lanes = 4, inFlight = 256 } = given;
  const shop = await openShop(db, { buckets, mandates: 100 });
  return press({ db }, evenBuyer(shop), { inFlight, seconds, settings: { lanes } });
}

function tell(name: string, { asksPerSecond, p50Ms, p99Ms, lostRaces }: Rate): void {
  const times = `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`;
  row(name.padEnd(30), asksPerSecond, `${times}, ${lostRaces} lost races`);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
