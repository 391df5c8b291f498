import { expect } from "vitest";
import { findDifferent, keepBuying } from "./buyers.ts";
import type { Installation } from "./engine.ts";
import { Shop } from "./shop.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** All outages, or the one whose turn it is. */
    outages: { readonly all: boolean; readonly turn: number };
  }
}

export interface Outage {
  readonly service: string;
  readonly how: "kill" | "freeze";
  /** Nobody needs it for a sale. */
  readonly sellsOn: boolean;
}

const outages: readonly Outage[] = [
  { service: "db", how: "kill", sellsOn: false },
  { service: "server", how: "kill", sellsOn: false },
  { service: "redis", how: "kill", sellsOn: true },
  { service: "worker", how: "kill", sellsOn: true },
  { service: "dynamodb", how: "kill", sellsOn: true },
  { service: "db", how: "freeze", sellsOn: false },
  { service: "redis", how: "freeze", sellsOn: true },
];

async function strike(here: Installation, { service, how }: Outage): Promise<void> {
  if (how === "kill") await here.compose("kill", "--signal", "KILL", service);
  else await signal(here, service, "STOP");
}

async function mend(here: Installation, { service, how }: Outage): Promise<void> {
  if (how === "kill") await here.compose("start", service);
  else await signal(here, service, "CONT");
}

/**
 * Every process of it. Not `docker pause`: where a check of health comes in between, the engine waits for a
 * process that it has frozen itself, for ever (seen with 26.1 and cgroups of version 1).
 */
async function signal(here: Installation, service: string, name: "STOP" | "CONT"): Promise<void> {
  await here.compose("kill", "--signal", name, service);
  const user = service === "db" ? "postgres" : "redis";
  // The first process hears nobody inside; and there may be none but that.
  const others = `kill -${name} -1 || true`;
  await here.compose("exec", "-T", "--user", user, service, "sh", "-c", others);
}

export function outagesOf({ all, turn }: { all: boolean; turn: number }): readonly Outage[] {
  return all ? outages : outages.filter((_, place) => place === turn % outages.length);
}

export interface Suffered {
  readonly sold: number;
  /** Keys that were answered while the service was away. */
  readonly soldMeanwhile: number;
  readonly longestGapMs: number;
  /** From the service's return to the first sale after it. */
  readonly sellsAgainMs: number;
  /** From the service's return until every sale is in the copies. */
  readonly toldMs: number;
  readonly different: readonly string[];
}

const awayMs = 4_000;

/** People buy, and a service goes away without a word and comes back. */
export async function suffer(here: Installation, outage: Outage): Promise<Suffered> {
  const { sellsOn } = outage;
  const shop = await Shop.open(here);
  const commit = (key: string) => shop.commit(key);
  const traffic = keepBuying(commit, 8);
  const { answers } = traffic;
  await expect.poll(() => answers.size, { timeout: 60_000 }).toBeGreaterThan(50);

  await strike(here, outage);
  const [goneAt, before] = [performance.now(), answers.size];
  const isAwayEnough = (): boolean =>
    performance.now() - goneAt > awayMs && (!sellsOn || answers.size > before + 50);
  await expect.poll(isAwayEnough, { timeout: 90_000, interval: 50 }).toBe(true);
  const soldMeanwhile = answers.size - before;

  const backAt = performance.now();
  await mend(here, outage);
  const returned = answers.size;
  const sellsAgain = (): boolean => answers.size > returned && traffic.lastAt() > backAt;
  await expect.poll(sellsAgain, { timeout: 90_000, interval: 20 }).toBe(true);
  const sellsAgainMs = Math.round(traffic.lastAt() - backAt);
  await expect.poll(() => answers.size, { timeout: 90_000 }).toBeGreaterThan(returned + 50);
  await traffic.stop();
  const isTold = async (): Promise<boolean> => (await eventsToTell(here)) === 0;
  await expect.poll(isTold, { timeout: 120_000, interval: 200 }).toBe(true);
  const toldMs = Math.round(performance.now() - backAt);
  // Whoever starts a service next is refused while one that it needs is not well.
  const isWell = async (): Promise<boolean> =>
    !/unhealthy|starting/.test(await here.compose("ps", "--format", "{{.Health}}"));
  await expect.poll(isWell, { timeout: 120_000, interval: 500 }).toBe(true);
  return {
    sold: answers.size,
    soldMeanwhile,
    longestGapMs: traffic.longestGapMs(),
    sellsAgainMs,
    toldMs,
    different: await findDifferent(commit, answers),
  };
}

/** What the copies do not have yet, asked of the database itself: what a worker tells may be seconds old. */
async function eventsToTell(here: Installation): Promise<number> {
  const ask = `PGPASSWORD="$(cat /run/zerorace/db/password)" exec psql -h 127.0.0.1 -U zerorace -tAc "select count(*) from outbox"`;
  return Number(await here.compose("exec", "-T", "db", "sh", "-c", ask));
}
