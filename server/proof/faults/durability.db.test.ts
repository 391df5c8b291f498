import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeMetrics } from "../../base/metrics.ts";
import { startEmbedded } from "../../db/embedded.ts";
import { followersNotWaitedFor } from "../../db/standby.ts";
import { migrate } from "../../db/migrate.ts";
import { openDb, type Db } from "../../db/open.ts";
import { openKernel, type KernelSettings } from "../../kernel/gather.ts";
import { Counter } from "../../testing/counter.ts";
import { expectCaught, expectKept } from "../../testing/expect-kept.ts";
import { Replicated } from "../../testing/replicated.ts";
import { LoopDisk, processesOn, reasonAgainstDisks } from "../../testing/loop-disk.ts";
import type { RoundResult } from "../history/round.ts";
import { kernelTarget, type Target } from "../history/target.ts";

const reason = reasonAgainstDisks();
if (reason !== undefined) {
  process.stdout.write(`SKIPPED: power cuts and a full disk, since ${reason}\n`);
}

const small = { shared_buffers: "32MB", max_wal_size: "64MB", min_wal_size: "32MB" };
const far = { timeout: 60_000 };
const hurried = { askDeadlineMs: 2_000, attemptTimeoutMs: 1_000 };

function opened({ url }: { readonly url: string }): Db {
  return openDb({ url }, makeMetrics());
}

/** Whoever sells at the counter from here, until `work` is over. */
async function selling<T>(
  db: Db,
  { shelf }: Counter,
  settings: Partial<KernelSettings>,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const kernel = openKernel(db, settings);
  try {
    return await work(kernelTarget([kernel], db, shelf));
  } finally {
    await kernel.close();
  }
}

/** Until so many more than before have heard it. */
async function more(counter: Counter, what: string, by: number): Promise<void> {
  const before = counter.heard(what);
  await expect.poll(() => counter.heard(what), far).toBeGreaterThan(before + by);
}

/** Asks that were in doubt are asked again where the books are now, and all is held against them. */
async function heldAgainst(db: Db, counter: Counter): Promise<RoundResult> {
  await selling(db, counter, {}, (target) => counter.settle(target));
  return counter.judged(db);
}

/** Buys on a disk, and cuts the power in the middle. */
async function powerCut(disk: LoopDisk, fsync: "on" | "off"): Promise<[Counter, LoopDisk]> {
  const settings = { ...small, fsync };
  const dataDir = join(disk.path, "postgres");
  const server = await startEmbedded({ dataDir, settings, mayLoseCommits: fsync === "off" });
  const db = opened(server);
  await migrate(db);
  const counter = await Counter.open(db, "power", { witness: true });
  await db.pool.query("checkpoint");
  const after = await selling(db, counter, hurried, async (target) => {
    const buyers = counter.rush(target);
    await more(counter, "granted", 300);
    const all = await processesOn(server.dataDir);
    for (const pid of all) process.kill(pid, "SIGSTOP");
    // Whoever had its answer by now was promised something, and nobody gets one after it.
    const cut = await disk.afterPowerCut();
    for (const pid of all) process.kill(pid, "SIGKILL");
    await buyers.stop();
    return cut;
  });
  await db.close();
  await server.exited;
  return [counter, after];
}

/** What is left of it when the power is back. */
async function afterwards(disk: LoopDisk, counter: Counter): Promise<RoundResult> {
  const again = await startEmbedded({ dataDir: join(disk.path, "postgres"), settings: small });
  const db = opened(again);
  try {
    return await heldAgainst(db, counter);
  } finally {
    await db.close();
    await again.stop();
  }
}

describe.skipIf(reason !== undefined)("a disk of its own", () => {
  it("loses no acknowledged purchase when the power is cut", async () => {
    await using disk = await LoopDisk.make(400);
    const [counter, left] = await powerCut(disk, "on");
    await using after = left;
    expectKept(await afterwards(after, counter), { name: "F04-power-loss", faults: 1 });
  }, 240_000);

  it("would lose them if PostgreSQL did not wait for it, and that is seen", async () => {
    await using disk = await LoopDisk.make(400);
    const [counter, left] = await powerCut(disk, "off");
    await using after = left;
    const round = await afterwards(after, counter).catch((error: unknown) => {
      process.stderr.write(`mutant-fsync-off left no database: ${String(error).slice(0, 200)}\n`);
    });
    if (round) expectCaught(round, "C1", { name: "mutant-fsync-off", faults: 1 });
  }, 240_000);

  it("that is full refuses sales, loses none, and sells again when there is room", async () => {
    await using disk = await LoopDisk.make(400);
    const dataDir = join(disk.path, "postgres");
    const server = await startEmbedded({ dataDir, settings: small });
    const db = opened(server);
    try {
      await migrate(db);
      const counter = await Counter.open(db, "full", { witness: true });
      const recoveryMs = await selling(
        db,
        counter,
        { ...hurried, askDeadlineMs: 1_000 },
        async (target) => {
          const buyers = counter.rush(target);
          await more(counter, "granted", 100);
          await disk.fill();
          await more(counter, "exhausted", 16);
          await disk.makeRoom();
          const roomAt = performance.now();
          await more(counter, "granted", 0);
          const soldMs = performance.now() - roomAt;
          await buyers.stop();
          return soldMs;
        },
      );
      const refused = counter.heard("exhausted");
      const round = await heldAgainst(db, counter);
      expectKept(round, { name: "F26-disk-full", faults: 1, recoveryMs, more: { refused } });
      const heard = new Set(round.history.attempts.map(({ what }) => what));
      expect([...heard].filter((what) => !known.has(what))).toEqual([]);
    } finally {
      await db.close();
      await server.stop();
    }
  }, 240_000);
});

const known = new Set(["granted", "exhausted", "unknown"]);

/** The primary dies in the middle of sales, with the way to the standby cut before; that one takes over. */
async function failover(pair: Replicated, heldBack: boolean): Promise<RoundResult> {
  const db = opened(pair.primary);
  const counter = await Counter.open(db, "failover", { witness: true });
  await selling(db, counter, hurried, async (target) => {
    const buyers = counter.rush(target);
    await more(counter, "granted", 100);
    pair.line.swallow(true);
    // A standby that is waited for stops the sale here: what was asked then is answered with a doubt.
    await more(counter, heldBack ? "unknown" : "granted", heldBack ? 0 : 100);
    await pair.killPrimary();
    await pair.promote();
    await buyers.stop();
  });
  await db.close();
  const after = opened(pair.standby);
  try {
    return await heldAgainst(after, counter);
  } finally {
    await after.close();
  }
}

async function warned(pair: Replicated): Promise<number> {
  const db = opened(pair.primary);
  await expect
    .poll(async () => (await db.pool.query("select 1 from pg_stat_replication")).rowCount, far)
    .toBe(1);
  const followers = await followersNotWaitedFor(db);
  await db.close();
  return followers;
}

it("a failover to a standby that commits wait for loses nothing that was acknowledged", async () => {
  await using pair = await Replicated.start({ waitsForIt: true });
  expect(await warned(pair)).toBe(0);
  expectKept(await failover(pair, true), { name: "F31-failover-synchronous", faults: 1 });
}, 240_000);

it("one to a standby that nobody waits for loses the last of it, and is warned of before", async () => {
  await using pair = await Replicated.start({ waitsForIt: false });
  expect(await warned(pair)).toBe(1);
  const round = await failover(pair, false);
  // The very same judge as above: so it sees a loss where there is one. What is left adds up.
  expectCaught(round, "C1", { name: "F31-failover-asynchronous", faults: 1 });
  expect(round.proof.findings.filter(({ count }) => count > 0)).toEqual([]);
}, 240_000);
