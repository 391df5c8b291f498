import { expect, it, onTestFinished } from "vitest";
import type { LocalDsql } from "../../../dsql-local/server.ts";
import { makeMetrics } from "../../base/metrics.ts";
import { dsqlSchema } from "../../db/dialect.ts";
import { migrate } from "../../db/migrate.ts";
import { openDb } from "../../db/open.ts";
import { openKernel } from "../../kernel/gather.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { localDsql } from "../../testing/local-dsql.ts";
import type { Attempt, Commanded, Shelf } from "./history.ts";
import { loadDefaults } from "./play.ts";
import { playRound } from "./round.ts";
import { kernelTarget } from "./target.ts";

/** Far beyond what a busy machine takes: what is asserted is no matter of speed. */
const patient = { askDeadlineMs: 60_000, attemptTimeoutMs: 30_000 };

/** What was said to nobody who asked for it: gave up, broke, or could not tell. */
const unanswered = ({ outcome, what }: Attempt | Commanded): boolean =>
  outcome === "info" || what === "exhausted";

/** How many COMMITs failed as they were told to. */
const struckIn = ({ injections }: LocalDsql): number =>
  [...injections.status().matchAll(/: (\d+) of/g)].reduce((sum, [, done]) => sum + Number(done), 0);

const limitMs = 120_000;

it(
  "a history on Aurora DSQL is kept as it was told, through a storm of lost races that nobody hears of, and through doubt",
  { timeout: limitMs },
  async () => {
    const { server, db, open, backendUrl } = await localDsql({ jobDelayMs: 0 });
    await migrate(db);
    const options = encodeURIComponent(`-c search_path=${dsqlSchema}`);
    const beneath = openDb({ url: `${backendUrl}?options=${options}` }, makeMetrics());
    onTestFinished(() => beneath.close());
    const kernels = [open(), open()].map((own) => openKernel(own, { lanes: 2, ...patient }));
    const target = (shelf: Shelf) => kernelTarget(kernels, db, shelf);
    const load = { ...loadDefaults, patienceMs: 120_000, witness: true, beneath };
    try {
      for (const spec of [
        "fault=OC000 probability=0.3 seed=1",
        "fault=OC001 probability=0.1 seed=2",
      ])
        server.injections.add(spec);
      const storm = await playRound(db, target, { ...load, operations: 200, seed: 31 });
      expectKept(storm, { name: "occ-storm", faults: struckIn(server) });
      expect(struckIn(server)).toBeGreaterThan(0);
      const { attempts, commands } = storm.history;
      expect([...attempts, ...commands].filter(unanswered)).toEqual([]);

      server.injections.clear();
      for (const fault of ["XX000-before", "XX000-after", "cut-before", "cut-after"])
        server.injections.add(`fault=${fault} probability=0.04 seed=3 label=zerorace-kernel`);
      const doubt = await playRound(db, target, { ...load, operations: 120, seed: 32 });
      expectKept(doubt, { name: "commit-doubt", faults: struckIn(server) });
      expect(struckIn(server)).toBeGreaterThan(0);
    } finally {
      for (const kernel of kernels) await kernel.close();
    }
  },
);
