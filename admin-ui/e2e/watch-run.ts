import type { CDPSession, Page } from "playwright-core";
import { expect } from "vitest";
import type { RunView } from "../../server/runs/wire.ts";
import type { Stage } from "./harness.ts";

export interface Watched {
  readonly run: RunView;
  readonly frames: number;
  /** Milliseconds of each task of the page that took longer than 50. */
  readonly longTasks: readonly number[];
  readonly heapBeforeMb: number;
  readonly heapAfterMb: number;
}

interface Counting {
  tasks: number[];
  pictures: number;
}

/** Starts a run, watches it in the browser until its last line, and measures the page meanwhile. */
export async function watchRun(
  stage: Stage,
  sizes: { readonly agents: number; readonly units: number; readonly seed: number },
): Promise<Watched> {
  const page = await stage.signedInPage("/runs", { viewport: { width: 1440, height: 900 } });
  const debuggerOf = await page.context().newCDPSession(page);
  const { id } = await stage.call<RunView>("POST", "/v1/runs", sizes);
  await page.goto(`/runs/${id}`);
  const table = page.getByRole("table", { name: /What stopped each attempt/ });
  await table.waitFor({ timeout: 60_000 });
  const heapBeforeMb = await heapMb(debuggerOf);
  await count(page);
  await page.getByRole("heading", { name: / 0 wrong$/ }).waitFor({ timeout: 580_000 });
  const { tasks, pictures } = await counted(page);
  const heapAfterMb = await heapMb(debuggerOf);
  const run = await stage.call<RunView>("GET", `/v1/runs/${id}`);
  expect(run.report).toMatchObject({ ok: true, sold: sizes.units });
  return { run, frames: pictures, longTasks: tasks, heapBeforeMb, heapAfterMb };
}

async function count(page: Page): Promise<void> {
  await page.evaluate(() => {
    const counting: Counting = { tasks: [], pictures: 0 };
    (globalThis as unknown as { counting: Counting }).counting = counting;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) counting.tasks.push(Math.round(duration));
    }).observe({ type: "longtask" });
    const wall = document.querySelector("table");
    if (!wall) throw new Error("there is no table to watch");
    const watch = new MutationObserver(() => counting.pictures++);
    watch.observe(wall, { subtree: true, characterData: true, childList: true });
  });
}

async function counted(page: Page): Promise<Counting> {
  return page.evaluate(() => (globalThis as unknown as { counting: Counting }).counting);
}

/** After what nobody holds any longer has been collected. */
async function heapMb(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return Number((usedSize / 1_000_000).toFixed(1));
}
