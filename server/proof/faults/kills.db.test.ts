import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { makeMetrics } from "../../base/metrics.ts";
import { migrate } from "../../db/migrate.ts";
import { openDb, type Db } from "../../db/open.ts";
import { ChildProgram } from "../../testing/child-program.ts";
import { freshDatabase } from "../../testing/database.ts";
import { expectCaught, expectKept } from "../../testing/expect-kept.ts";
import { query } from "../../testing/look.ts";
import { endProcess, OwnPostgres } from "../../testing/own-postgres.ts";
import { playOverHttp, recoveriesMs } from "../../testing/play-over-http.ts";
import { Luck } from "../history/luck.ts";
import { seedOfRun } from "../../testing/seed-of-run.ts";

const { kills, operations, isQuiet } = inject("testFaults");

/** Traffic that ends when what is done to it has ended. */
function traffic(db: Db, url: string) {
  const over = new AbortController();
  onTestFinished(() => over.abort());
  let answered = 0;
  const onProgress = (done: number): void => void (answered = done);
  const given = { operations: 20_000, signal: over.signal, onProgress };
  return {
    over,
    round: playOverHttp(db, [url], given),
    /** So many more operations have their answer. */
    goOn: async (more: number): Promise<void> => {
      const goal = answered + more;
      await expect.poll(() => answered, { timeout: 240_000, interval: 10 }).toBeGreaterThan(goal);
    },
  };
}

async function ownDb(postgres: OwnPostgres): Promise<Db> {
  const db = openDb({ url: postgres.url, name: "test" }, makeMetrics());
  onTestFinished(() => db.close());
  await migrate(db);
  return db;
}

describe("a server that is killed", () => {
  it("at random, again and again, loses no answer", { timeout: 1_800_000 }, async () => {
    const database = await freshDatabase();
    onTestFinished(() => database.close());
    await using server = await ChildProgram.of("serve", { ZERORACE_DATABASE_URL: database.url });
    await server.start();
    const { over, round, goOn } = traffic(database.db, server.url);
    const luck = new Luck(seedOfRun(), 1);
    const back: number[] = [];
    const killing = (async () => {
      for (let kill = 0; kill < kills; kill++) {
        await goOn(5);
        await sleep(luck.from(100, 800));
        await server.end();
        await server.start();
        back.push(performance.now());
      }
      await goOn(Math.min(100, operations));
    })().finally(() => over.abort());
    const played = await round;
    await killing;
    const slowest = Math.max(...recoveriesMs(played, back));
    expectKept(played, { name: "F01-server-kill-9", faults: kills, recoveryMs: slowest });
  });
});

describe.runIf(existsSync("/proc/self/stat"))("a PostgreSQL that is killed", () => {
  it(
    "in the middle of sales comes back with all that was acknowledged",
    { timeout: 900_000 },
    async () => {
      await using postgres = await OwnPostgres.start();
      const db = await ownDb(postgres);
      await using server = await ChildProgram.of("serve", { ZERORACE_DATABASE_URL: postgres.url });
      await server.start();
      const { over, round, goOn } = traffic(db, server.url);
      const down: number[] = [];
      const back: number[] = [];
      const killing = (async () => {
        for (let kill = 0; kill < 3; kill++) {
          await goOn(40);
          const from = performance.now();
          await postgres.kill();
          await postgres.startAgain();
          back.push(performance.now());
          down.push(performance.now() - from);
        }
        await goOn(40);
        // One process of it: PostgreSQL then ends all others by itself, and recovers.
        const [backend] = await query<{ pid: number }>(
          db,
          "select pid from pg_stat_activity where application_name = 'zerorace-kernel' limit 1",
        );
        endProcess(backend?.pid ?? 0);
        await goOn(40);
      })().finally(() => over.abort());
      const played = await round;
      await killing;
      const slowest = Math.max(...recoveriesMs(played, back));
      const more = { pg_down_ms: Math.round(Math.max(...down)), restarts: server.deaths };
      expectKept(played, { name: "F03-postgres-kill-9", faults: 4, recoveryMs: slowest, more });
      expect(server.deaths).toBe(0);
      // How soon is a matter of the machine; on one that does nothing else it is two seconds at most.
      if (isQuiet) expect(slowest).toBeLessThan(2_000);
    },
  );

  it(
    "and that acknowledged before it had written is caught by the checker",
    { timeout: 300_000 },
    async () => {
      await using postgres = await OwnPostgres.start({
        settings: {
          synchronous_commit: "off",
          wal_writer_delay: "10s",
          wal_writer_flush_after: "1GB",
        },
        mayLoseCommits: true,
      });
      const db = await ownDb(postgres);
      const settings = { ZERORACE_DATABASE_URL: postgres.url };
      await using server = await ChildProgram.of("serve", {
        ...settings,
        ZERORACE_DURABILITY: "warn",
      });
      await using refused = await ChildProgram.of("serve", settings);
      await expect(refused.start()).rejects.toThrow("synchronous_commit = off");
      await server.start();
      const { over, round, goOn } = traffic(db, server.url);
      const killing = (async () => {
        await goOn(1);
        // What the shop is made of stays: it is sales that are to be lost.
        await query(db, "checkpoint");
        await goOn(60);
        await postgres.kill();
        await postgres.startAgain();
        await goOn(20);
      })().finally(() => over.abort());
      const played = await round;
      await killing;
      expectCaught(played, "C1", { name: "mutant-synchronous_commit-off", faults: 1 });
    },
  );
});
