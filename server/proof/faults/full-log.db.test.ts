import { execFile } from "node:child_process";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, it, onTestFinished } from "vitest";
import { makeMetrics } from "../../base/metrics.ts";
import { inTime } from "../../base/in-time.ts";
import { startEmbedded, type EmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { openDb } from "../../db/open.ts";
import { openKernel } from "../../kernel/gather.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { LoopDisk, reasonAgainstDisks } from "../../testing/loop-disk.ts";
import { seedOfRun } from "../../testing/seed-of-run.ts";
import { loadDefaults } from "../history/play.ts";
import { playRound } from "../history/round.ts";
import { kernelTarget } from "../history/target.ts";

/** PostgreSQL refuses a row that has no room, and panics over its log: what it acknowledged is in it. */
const reason = reasonAgainstDisks();
if (reason !== undefined)
  process.stdout.write(`SKIPPED: a full disk of the log, since ${reason}\n`);

const run = promisify(execFile);
const { operations } = inject("testFaults");

// Each segment of the log is a new file: none that is there already goes round it.
const settings = { shared_buffers: "32MB", max_wal_size: "64MB", wal_recycle: "off" };

/** Its data on a disk of its own, its log on another one. */
async function startOn(data: LoopDisk, log: LoopDisk): Promise<EmbeddedPostgres> {
  const first = await startEmbedded({ dataDir: join(data.path, "postgres"), settings });
  const { dataDir, port } = first;
  await first.stop();
  const [here, there] = [join(dataDir, "pg_wal"), join(log.path, "pg_wal")];
  await run("mv", [here, there]);
  await symlink(there, here);
  return startEmbedded({ dataDir, port, settings });
}

it.skipIf(reason !== undefined)(
  "a log without room takes PostgreSQL down, and nothing acknowledged with it",
  { timeout: 600_000 },
  async () => {
    await using data = await LoopDisk.make(400);
    await using log = await LoopDisk.make(200);
    let server = await startOn(data, log);
    onTestFinished(() => server.stop());
    const db = openDb({ url: server.url }, makeMetrics());
    onTestFinished(() => db.close());
    await migrate(db);
    const kernel = openKernel(db, { askDeadlineMs: 2_000, attemptTimeoutMs: 1_000 });
    onTestFinished(() => kernel.close());
    const over = new AbortController();
    let answered = 0;
    const goOn = async (more: number): Promise<void> => {
      const goal = answered + more;
      await expect.poll(() => answered, { timeout: 240_000, interval: 10 }).toBeGreaterThan(goal);
    };
    let recoveryMs = 0;
    const fillUp = async (): Promise<void> => {
      await goOn(20);
      await log.fill();
      // A few segments more, and there is no room for the next.
      const isUp = (): Promise<boolean> => db.pool.query("select pg_switch_wal()").then(yes, no);
      await expect.poll(isUp, { timeout: 120_000, interval: 20 }).toBe(false);
      // It recovers by itself, or finds no room for that either and ends.
      const hasEnded = await inTime(server.exited, 20_000);
      await log.makeRoom();
      const { dataDir, port } = server;
      if (hasEnded) server = await startEmbedded({ dataDir, port, settings });
      const backAt = performance.now();
      await goOn(1);
      recoveryMs = performance.now() - backAt;
      await goOn(Math.min(100, operations));
    };
    const played = await playRound(db, (shelf) => kernelTarget([kernel], db, shelf), {
      ...loadDefaults,
      operations: 20_000,
      patienceMs: 300_000,
      witness: true,
      seed: seedOfRun(),
      signal: over.signal,
      onProgress: (done) => void (answered = done),
      during: () => fillUp().finally(() => over.abort()),
    });
    expectKept(played, { name: "F26-log-disk-full", faults: 1, recoveryMs });
    expect(await readFile(`${server.dataDir}.log`, "utf8")).toMatch(/PANIC: .*No space left/);
  },
);

const yes = (): boolean => true;
const no = (): boolean => false;
