import { expect, it, onTestFinished } from "vitest";
import type { LocalDsql } from "../../../dsql-local/server.ts";
import { assert } from "../../base/assert.ts";
import { makeMetrics } from "../../base/metrics.ts";
import { dsqlSchema } from "../../db/dialect.ts";
import { migrate } from "../../db/migrate.ts";
import { openDb, type Db } from "../../db/open.ts";
import { openKernel } from "../../kernel/gather.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { localDsql } from "../../testing/local-dsql.ts";
import type { Asked, Attempt, Commanded, Shelf } from "./history.ts";
import { loadDefaults } from "./play.ts";
import { Recorder } from "./recorder.ts";
import { judge, playRound, type RoundResult } from "./round.ts";
import { openShelf } from "./shop.ts";
import { kernelTarget, type Target } from "./target.ts";

/** Far beyond what a busy machine takes: what is asserted is no matter of speed. */
const patient = { askDeadlineMs: 60_000, attemptTimeoutMs: 30_000 };

/** What was said to nobody who asked for it: gave up, broke, or could not tell. */
const unanswered = ({ outcome, what }: Attempt | Commanded): boolean =>
  outcome === "info" || what === "exhausted";

/** How many COMMITs failed as they were told to. */
const struckIn = ({ injections }: LocalDsql): number =>
  [...injections.status().matchAll(/: (\d+) of/g)].reduce((sum, [, done]) => sum + Number(done), 0);

/** A world of its own, and somebody who buys one unit in it. */
async function buyers(db: Db, name: string, targetOf: (shelf: Shelf) => Target) {
  const shelf = await openShelf(db, 400, name);
  const [mandate, item] = [shelf.mandates[2], shelf.items[1]];
  assert(mandate !== undefined && item !== undefined, "the shelf has them");
  const recorder = new Recorder(shelf);
  const target = targetOf(shelf);
  const ask = (op: number, key: string, asked: Asked): Promise<Attempt> =>
    recorder.ask(target, op, key, asked);
  const one = (kind: "commit" | "hold", agentId: string): Asked => ({
    kind,
    mandateId: mandate.mandateId,
    agentId,
    lines: [{ itemId: item.itemId, quantity: 1 }],
    amountMinor: item.priceMinor,
    ...(kind === "hold" && { holdSeconds: 600 }),
  });
  return { shelf, recorder, ask, one };
}

const pairs = 24;

/**
 * One purchase under two keys at once, each through a kernel of its own and most often from other buckets:
 * nothing but the row that both must write keeps them apart, where a snapshot shows neither the other's.
 */
async function pairsAtOnce(
  db: Db,
  beneath: Db,
  targetOf: (shelf: Shelf) => Target,
): Promise<RoundResult> {
  const { shelf, recorder, ask, one } = await buyers(db, "two keys", targetOf);
  for (let op = 0; op < pairs; op++) {
    const asked = one("commit", `agent-${op}`);
    await Promise.all(["a", "b"].map((own) => ask(op, `${op}-${own}`, asked)));
  }
  return judge(db, { seed: 0, shelf, recorder }, { witnessed: true, beneath });
}

const swaps = 8;

/** In one batch a unit comes back and one is sold: the sum stays, and the row is still the gate. */
async function swapsInOneBatch(db: Db, beneath: Db): Promise<RoundResult> {
  const kernel = openKernel(db, { lanes: 1, ...patient });
  const onIt = (shelf: Shelf): Target => kernelTarget([kernel], db, shelf);
  const { shelf, recorder, ask, one } = await buyers(db, "swaps", onIt);
  try {
    for (let op = 0; op < swaps * 4; op += 4) {
      const { id: purchaseId } = await ask(op, `${op}-hold`, one("hold", `agent-${op}`));
      assert(purchaseId !== undefined, "a hold is granted");
      await Promise.all([
        // It takes the only lane; the two after it share the next batch.
        ask(op + 1, `${op}-extend`, { kind: "extend", purchaseId, holdSeconds: 700 }),
        ask(op + 2, `${op}-release`, { kind: "release", purchaseId }),
        ask(op + 3, `${op}-commit`, one("commit", `agent-${op}-next`)),
      ]);
    }
  } finally {
    await kernel.close();
  }
  return judge(db, { seed: 0, shelf, recorder }, { witnessed: true, beneath });
}

const limitMs = 120_000;

it(
  "a history on Aurora DSQL is kept as it was told, through a storm of lost races that nobody hears of, through doubt, and where snapshots would skew",
  { timeout: limitMs },
  async () => {
    const { server, db, open, backendUrl } = await localDsql({ jobDelayMs: 0 });
    await migrate(db);
    const options = encodeURIComponent(`-c search_path=${dsqlSchema}`);
    const beneath = openDb({ url: `${backendUrl}?options=${options}` }, makeMetrics());
    onTestFinished(() => beneath.close());
    const kernels = [open(), open()].map((own) => openKernel(own, { lanes: 2, ...patient }));
    const target = (shelf: Shelf) => kernelTarget(kernels, db, shelf);
    const attack = async (name: string, seed: number, specs: readonly string[]) => {
      let struck = 0;
      const round = await playRound(db, target, {
        ...loadDefaults,
        patienceMs: 120_000,
        witness: true,
        beneath,
        seed,
        operations: 160,
        async during() {
          for (const spec of specs) server.injections.add(spec);
        },
        async heal() {
          struck = struckIn(server);
          server.injections.clear();
        },
      });
      expectKept(round, { name, faults: struck });
      expect(struck).toBeGreaterThan(0);
      return round.history;
    };
    try {
      const { attempts, commands } = await attack("occ-storm", 31, [
        "fault=OC000 probability=0.3 seed=1",
        "fault=OC001 probability=0.1 seed=2",
      ]);
      expect([...attempts, ...commands].filter(unanswered)).toEqual([]);
      const doubts = ["XX000-before", "XX000-after", "cut-before", "cut-after"];
      const inDoubt = (fault: string, nth: number): string =>
        `fault=${fault} probability=0.05 seed=${3 + nth} label=zerorace-kernel`;
      await attack("commit-doubt", 32, doubts.map(inDoubt));
      expectKept(await pairsAtOnce(db, beneath, target), { name: "two-keys", faults: pairs });
      expectKept(await swapsInOneBatch(db, beneath), { name: "swaps", faults: swaps });
    } finally {
      for (const kernel of kernels) await kernel.close();
    }
  },
);
