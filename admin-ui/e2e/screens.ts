import type { Page } from "playwright-core";
import type { RunLine, RunView } from "../../server/runs/wire.ts";
import type { Stage } from "./harness.ts";
import { breakBooksOf } from "./watch-run.ts";

/** A screen in one of its states: photographed, and looked at by axe, in light and dark. */
export interface Shown {
  /** Of the picture: "purchases-empty". */
  readonly name: string;
  /** As somebody who has signed in sees it, or as a visitor does. */
  readonly as?: "ann" | "visitor";
  /** Where it is; a function where an id has to be made first. */
  readonly path: string | ((stage: Stage) => Promise<string>);
  /** Fills, opens, waits for what has to be seen. */
  readonly ready?: (page: Page, stage: Stage) => Promise<void>;
}

const untilOver = (page: Page): Promise<void> =>
  page.getByRole("heading", { name: / wrong$/ }).waitFor({ timeout: 60_000 });

async function finishedRun(stage: Stage): Promise<string> {
  const { data } = await stage.call<{ data: RunLine[] }>("GET", "/v1/runs?limit=100");
  const known = data.find((run) => run.agents === 10_000 && run.state === "finished");
  if (known) return `/runs/${known.id}`;
  const sizes = { agents: 10_000, units: 100, seed: 42 };
  return `/runs/${(await stage.call<RunView>("POST", "/v1/runs", sizes)).id}`;
}

async function goingRun(stage: Stage): Promise<string> {
  const sizes = { agents: 20_000, units: 100, concurrency: 100, seed: 42 };
  return `/runs/${(await stage.call<RunView>("POST", "/v1/runs", sizes)).id}`;
}

/** Photographed in mid-run; then it is ended, so that the next one need not wait for it. */
async function untilHalf(page: Page, stage: Stage): Promise<void> {
  await page.getByText("Proven while it sells: four zeros.").waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Pause updates" }).first().click();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await stage.call("POST", `/v1/runs/${id}/stop`, {});
}

/** Every screen. Whoever builds one adds its states here: empty, filled, with an error. */
export const screens: readonly Shown[] = [
  { name: "sign-in", as: "visitor", path: "/sign-in" },
  {
    name: "sign-in-wrong",
    as: "visitor",
    path: "/sign-in",
    async ready(page) {
      await page.getByLabel("Email").fill("somebody@example.com");
      await page.getByLabel("Password", { exact: true }).fill("wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "claim", as: "visitor", path: "/claim#zrl_an-example-of-a-token" },
  {
    name: "claim-used",
    as: "visitor",
    path: "/claim#zrl_an-example-of-a-token",
    async ready(page) {
      await page.getByLabel("Organisation").fill("Northlight Studio");
      await page.getByLabel("Your name").fill("Ann Lee");
      await page.getByLabel("Email").fill("ann@example.com");
      await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
      await page.getByRole("button", { name: "Claim and sign in" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "sign-up-faults",
    as: "visitor",
    path: "/sign-up",
    async ready(page) {
      await page.getByRole("button", { name: "Make the account" }).click();
      await page.getByText("Must not be empty").first().waitFor();
    },
  },
  { name: "join", as: "visitor", path: "/join#zrl_an-example-of-a-token" },
  { name: "recover", as: "visitor", path: "/recover#zrl_an-example-of-a-token" },
  { name: "overview", path: "/" },
  {
    name: "palette",
    path: "/",
    async ready(page) {
      await page.keyboard.press("Control+k");
      await page.getByRole("listbox").waitFor();
    },
  },
  {
    name: "shortcuts",
    path: "/",
    async ready(page) {
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "account-menu",
    path: "/",
    async ready(page) {
      await page.getByRole("button", { name: "Account of Ann Lee" }).click();
      await page.getByRole("menu").waitFor();
    },
  },
  { name: "not-found", path: "/nothing-here" },
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
    path: "/runs",
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

/** Opens it as it is in the list. */
export async function openShown(
  stage: Stage,
  shown: Shown,
  viewport: { readonly width: number; readonly height: number },
  theme: "light" | "dark",
): Promise<Page> {
  const path = typeof shown.path === "string" ? shown.path : await shown.path(stage);
  const options = { viewport, colorScheme: theme, reducedMotion: "reduce" } as const;
  if (shown.as !== "visitor") {
    const page = await stage.signedInPage(path, options);
    await shown.ready?.(page, stage);
    return page;
  }
  const page = await stage.newPage(options);
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shown.ready?.(page, stage);
  return page;
}
