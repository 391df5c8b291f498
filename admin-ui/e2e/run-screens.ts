import type { Page } from "playwright-core";
import type { RunLine, RunView } from "../../server/runs/wire.ts";
import type { Stage } from "./harness.ts";
import type { Shown } from "./screens.ts";
import { breakBooksOf } from "./watch-run.ts";

const untilOver = (page: Page): Promise<void> =>
  page.getByRole("heading", { name: / wrong$/ }).waitFor({ timeout: 60_000 });

async function finishedRun(stage: Stage): Promise<string> {
  const { data } = await stage.call<{ data: RunLine[] }>("GET", "/v1/runs?limit=100");
  const known = data.find((run) => run.agents === 10_000 && run.state === "finished");
  if (known) return `/runs/${known.id}`;
  const sizes = { agents: 10_000, units: 100, seed: 42 };
  return `/runs/${(await stage.call<RunView>("POST", "/v1/runs", sizes)).id}`;
}

async function faultyRun(stage: Stage): Promise<string> {
  const faults = { cutPercent: 1, lostCommitPercent: 5, slowMs: 1 };
  const sizes = { agents: 5_000, units: 100, seed: 42, faults };
  return `/runs/${(await stage.call<RunView>("POST", "/v1/runs", sizes)).id}`;
}

async function goingRun(stage: Stage): Promise<string> {
  // So many that it still goes on when it is looked at, on a fast machine too.
  const sizes = { agents: 300_000, units: 100, concurrency: 100, seed: 42 };
  return `/runs/${(await stage.call<RunView>("POST", "/v1/runs", sizes)).id}`;
}

/** Photographed in mid-run; then it is ended, so that the next one need not wait for it. */
async function untilHalf(page: Page, stage: Stage): Promise<void> {
  await page.getByText("Proven while it sells: four zeros.").waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Pause updates" }).first().click();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await stage.call("POST", `/v1/runs/${id}/stop`, {});
}

/** Mission Control, the empty list first. */
export const runScreens: readonly Shown[] = [
  { name: "runs-empty", path: "/runs" },
  { name: "run-finished", path: finishedRun, ready: untilOver },
  {
    name: "run-below",
    path: finishedRun,
    async ready(page) {
      await untilOver(page);
      await page.getByRole("heading", { name: "What happened" }).scrollIntoViewIfNeeded();
      await page.getByText("The first unit is sold.").scrollIntoViewIfNeeded();
    },
  },
  { name: "run-going", path: goingRun, ready: untilHalf },
  {
    name: "run-wrong",
    path: goingRun,
    async ready(page, stage) {
      const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
      await page.getByText("Proven while it sells: four zeros.").waitFor({ timeout: 60_000 });
      await breakBooksOf(stage, id);
      await stage.call("POST", `/v1/runs/${id}/stop`, {});
      await page.getByRole("heading", { name: /^Oversells: / }).waitFor({ timeout: 60_000 });
      await untilOver(page);
    },
  },
  {
    name: "runs",
    path: (stage) => finishedRun(stage).then(() => "/runs"),
    async ready(page) {
      await page.getByRole("table", { name: "Runs" }).waitFor();
    },
  },
  {
    name: "runs-new",
    path: "/runs?new=10000",
    async ready(page) {
      await page
        .getByRole("dialog")
        .getByText(/^About/)
        .waitFor();
    },
  },
  {
    name: "runs-new-faults",
    path: "/runs?new=10000&cut=2&lost=5",
    async ready(page) {
      await page.getByRole("dialog").getByLabel("Lost, of a hundred").waitFor();
    },
  },
  {
    name: "run-faults",
    path: faultyRun,
    async ready(page) {
      await untilOver(page);
      await page.getByRole("heading", { name: "Faults, on purpose" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "runs-new-fault",
    path: "/runs?new=2000000&seed=7",
    async ready(page) {
      await page.getByRole("button", { name: "Start the run" }).click();
      await page.getByText("Must be at most 1000000.", { exact: true }).waitFor();
    },
  },
  {
    name: "run-unknown",
    path: "/runs/01a1f993-84cc-7a17-85e2-7d51c3a2ba32",
    async ready(page) {
      await page.getByRole("alert").waitFor();
    },
  },
];
