import type { CDPSession, Page } from "playwright-core";
import { expect } from "vitest";
import type { RunView } from "../../server/runs/wire.ts";
import { query } from "../../server/testing/look.ts";
import type { Stage } from "./harness.ts";
import { longMs, longTasksIn, type LongTask } from "./long-tasks.ts";

export interface Watched {
  readonly run: RunView;
  /** How often the figures on the page changed. */
  readonly pictures: number;
  /** Tasks of the page that took longer than 50 ms, by the clock and by the processor's time, in ms. */
  readonly longTasks: readonly LongTask[];
  readonly heapBeforeMb: number;
  readonly heapAfterMb: number;
}

/** Starts a run, watches it in the browser until its last line, and measures the page meanwhile. */
export async function watchRun(
  stage: Stage,
  sizes: { readonly agents: number; readonly units: number; readonly seed: number },
): Promise<Watched> {
  const page = await stage.signedInPage("/runs", { viewport: { width: 1440, height: 900 } });
  const session = await page.context().newCDPSession(page);
  const { id } = await stage.call<RunView>("POST", "/v1/runs", sizes);
  await page.goto(`/runs/${id}`);
  await page.getByRole("progressbar", { name: "Attempts" }).waitFor({ timeout: 60_000 });
  const heapBeforeMb = await heapMb(session);
  await countPictures(page);
  const browser = page.context().browser();
  await browser?.startTracing(page, { categories: ["toplevel"] });
  await page.getByRole("heading", { name: / 0 wrong$/ }).waitFor({ timeout: 850_000 });
  const trace = await browser?.stopTracing();
  const heapAfterMb = await heapMb(session);
  const run = await stage.call<RunView>("GET", `/v1/runs/${id}`);
  expect(run.report).toMatchObject({ ok: true, sold: sizes.units });
  const longTasks = longTasksIn(String(trace));
  return { run, pictures: await picturesOf(page), longTasks, heapBeforeMb, heapAfterMb };
}

/** Nothing that a hand would feel, however large the run, and nothing that piles up. */
export function expectSmooth(watched: Watched): void {
  const { pictures, longTasks, heapBeforeMb, heapAfterMb, run } = watched;
  const { asksPerSecond, seconds } = run.report ?? {};
  const worked = Math.max(0, ...longTasks.map(({ processorMs }) => processorMs));
  process.stderr.write(
    `${run.agents} agents in ${seconds} s at ${asksPerSecond} asks/s: ${pictures} pictures; ` +
      `${longTasks.length} tasks over ${longMs} ms by the clock, none worked longer than ${worked} ms; ` +
      `heap ${heapBeforeMb} MB before, ${heapAfterMb} MB after\n`,
  );
  expect(pictures).toBeGreaterThan(10);
  expect(longTasks.filter(({ processorMs }) => processorMs > longMs)).toEqual([]);
  expect(heapAfterMb - heapBeforeMb).toBeLessThan(10);
}

interface Counting {
  pictures: number;
}

async function countPictures(page: Page): Promise<void> {
  await page.evaluate(() => {
    const counting: Counting = { pictures: 0 };
    (globalThis as unknown as { counting: Counting }).counting = counting;
    const table = document.querySelector("table");
    if (!table) throw new Error("there is no table to watch");
    const watch = new MutationObserver(() => counting.pictures++);
    watch.observe(table, { subtree: true, characterData: true, childList: true });
  });
}

async function picturesOf(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { counting: Counting }).counting.pictures);
}

/** After what nobody holds any longer has been collected. */
async function heapMb(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return Number((usedSize / 1_000_000).toFixed(1));
}

/**
 * Five units that nobody stocked lie on the shelf, behind the kernel's back. Which world it is is on record
 * with the run's next sign of life: a page may have seen its proof before.
 */
export async function breakBooksOf(stage: Stage, runId: string): Promise<void> {
  const putThere = () =>
    query(
      stage.api.database.db,
      `update stock_buckets set available = available + 5
        where bucket = 0 and tenant_id = (select world_id from runs where run_id = $1)
       returning pool_id`,
      [runId],
    );
  await expect.poll(putThere, { timeout: 20_000 }).toHaveLength(1);
}
