import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import type { RunLine, RunView } from "../../server/runs/wire.ts";
import { Stage } from "./harness.ts";
import { breakBooksOf, expectSmooth, watchRun } from "./watch-run.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(async () => {
  await stage.expectNoFaults();
  await stopAll();
});

const dialogOf = (page: Page) => page.getByRole("dialog", { name: "New run" });
const startRun = (body: object): Promise<RunView> => stage.call<RunView>("POST", "/v1/runs", body);
const untilOver = async (id: string): Promise<void> => {
  const state = async () => (await stage.call<RunView>("GET", `/v1/runs/${id}`)).state;
  await expect.poll(state, { timeout: 60_000 }).not.toMatch(/queued|running/);
};

/** Runs are done one at a time: what a test left going would keep the next one waiting. */
async function stopAll(): Promise<void> {
  const { data } = await stage.call<{ data: RunLine[] }>("GET", "/v1/runs");
  const going = data.filter(({ endedAt }) => endedAt === null);
  for (const { id } of going) await stage.call("POST", `/v1/runs/${id}/stop`, {});
  for (const { id } of going) await untilOver(id);
}

describe.sequential("Mission Control", () => {
  it("leads from one press to 10,000 agents, and tells how they ended to who comes late", async () => {
    const page = await stage.signedInPage("/runs");
    const told = page.waitForResponse((response) => response.url().endsWith("/v1/instance"));
    await page.getByRole("button", { name: "Run 10,000 agents against 100 units" }).click();
    expect(await (await told).json()).toMatchObject({ runFaults: false });
    expect(new URL(page.url()).search).toBe("?new=10000");
    const dialog = dialogOf(page);
    await dialog.getByText(/^About \d+ s and \d+ MB of memory/).waitFor();
    expect(await dialog.getByText("Faults, on purpose").count()).toBe(0);
    await dialog.getByLabel("Seed").fill("7");
    await dialog.getByRole("button", { name: "Start the run" }).click();
    await page.getByRole("heading", { name: "10,000 agents for 100 units", level: 1 }).waitFor();
    const finish = { name: "100 sold, 9,900 refused, 0 wrong" };
    await page.getByRole("heading", finish).waitFor({ timeout: 60_000 });

    const late = await stage.signedInPage(new URL(page.url()).pathname);
    await late.getByRole("heading", finish).waitFor();
    for (const name of ["Oversells", "Double charges", "Budget overruns", "Ledger drift"]) {
      const tile = late.locator("section", { has: late.getByRole("heading", { name }) }).last();
      expect(await tile.getByText("0", { exact: true }).count()).toBe(1);
    }
    const row = late.getByRole("row", { name: /^Sold out/ });
    expect(await row.innerText()).toMatch(/9,900\s+99.0%/);
    await late.getByText("All 100 units are sold.").waitFor();
    await late.getByRole("link", { name: "All runs" }).click();
    await late
      .getByRole("row", { name: /10,000 agents for 100 units/ })
      .getByText("Ann Lee")
      .waitFor();
  });

  it("a unit says who got it, by pointer and by the arrow keys", async () => {
    const page = await stage.signedInPage("/runs");
    await page.getByRole("link", { name: /10,000 agents/ }).click();
    const wall = page.getByRole("grid", { name: "Units, 100 of 100 sold" });
    await wall.getByRole("gridcell").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    const focused = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    expect(focused).toMatch(/^Unit 12: sold to agent [\d,]+ after .+; its answer took .+/);
    await page.getByText(`${focused}.`, { exact: true }).waitFor();
    await wall.getByRole("gridcell", { name: /^Unit 100:/ }).hover();
    await page
      .getByText(/^Unit 100: sold to agent/)
      .last()
      .waitFor();
  });

  it("replays from the seed with all that it takes, and shows what is wrong at the field", async () => {
    const page = await stage.signedInPage("/runs");
    await page.getByRole("link", { name: /10,000 agents/ }).click();
    await page.getByRole("link", { name: "Replay from the seed" }).click();
    const dialog = dialogOf(page);
    const values = [];
    for (const label of ["Agents", "Units", "Seed", "Mandates", "At a time"]) {
      values.push(await dialog.getByLabel(label, { exact: false }).first().inputValue());
    }
    expect(values).toEqual(["10000", "100", "7", "1000", "2000"]);
    await dialog.getByLabel("Agents", { exact: true }).fill("2000000");
    await dialog.getByRole("button", { name: "Start the run" }).click();
    await dialog.getByText("Must be at most 1000000.", { exact: true }).waitFor();
    expect(await dialog.getByLabel("Seed").inputValue()).toBe("7");
    await dialog.getByRole("button", { name: "1,000", exact: true }).click();
    await dialog.getByRole("button", { name: "Start the run" }).click();
    await page
      .getByRole("heading", { name: "100 sold, 900 refused, 0 wrong" })
      .waitFor({ timeout: 60_000 });
  });

  it("stops when asked twice, and keeps the results; paused, nothing moves", async () => {
    const { id } = await startRun({ agents: 1_000_000, units: 500_000, concurrency: 50 });
    const page = await stage.signedInPage(`/runs/${id}`);
    const bar = page.getByRole("progressbar", { name: "Attempts" });
    await bar.waitFor();
    await page.getByRole("button", { name: "Pause updates" }).first().click();
    const before = await bar.getAttribute("value");
    const sold = async () => (await stage.call<RunView>("GET", `/v1/runs/${id}`)).frame?.sold ?? 0;
    const then = await sold();
    await expect.poll(sold, { timeout: 20_000 }).toBeGreaterThan(then + 1_000);
    expect(await bar.getAttribute("value")).toBe(before);
    await page.getByRole("button", { name: "Resume updates" }).first().click();
    await expect.poll(async () => bar.getAttribute("value"), { timeout: 10_000 }).not.toBe(before);
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("dialog").getByText("the results are kept here").waitFor();
    await page.getByRole("button", { name: "Stop the run" }).click();
    await page.getByRole("heading", { name: / 0 wrong$/ }).waitFor({ timeout: 60_000 });
    await page.getByText("Stopped before everybody had asked.").waitFor();
  });

  it("a number that is not zero is told by colour, sign, title and voice, with what to do", async () => {
    const { id } = await startRun({ agents: 1_000_000, units: 100, concurrency: 20 });
    const page = await stage.signedInPage(`/runs/${id}`);
    await page.getByText("Proven while it sells: four zeros.").waitFor({ timeout: 60_000 });
    await breakBooksOf(stage, id);
    await page.getByRole("heading", { name: /^Oversells: [\d,]+/ }).waitFor({ timeout: 60_000 });
    expect(await page.title()).toMatch(/^✕ Oversells: [\d,]+ · ZeroRace$/);
    const voice = page.locator("[aria-live=assertive]");
    expect(await voice.textContent()).toMatch(/^Not zero\. Oversells: [\d,]+/);
    await page.getByText("npm run -s zerorace -- prove").waitFor();
  }, 180_000);

  it("a name that is a script is words; a run of another tenant is refused in words", async () => {
    const payload = '<img src=x onerror="document.title=1">';
    const scopes = ["runs:read", "runs:write"];
    const made = await stage.call<{ apiKey: string }>("POST", "/v1/keys", {
      name: payload,
      scopes,
    });
    const response = await fetch(`${stage.url}/v1/runs`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${made.apiKey}`,
        "Content-Type": "application/json",
        "Idempotency-Key": "by-key",
      },
      body: JSON.stringify({ agents: 10, units: 3 }),
    });
    const { id } = (await response.json()) as RunView;
    await untilOver(id);
    const page = await stage.signedInPage("/runs");
    await page.getByText(payload).waitFor();
    expect(await page.title()).toBe("Mission Control · ZeroRace");

    await page.evaluate(() => sessionStorage.setItem("zerorace-mode", "live"));
    await page.goto(`/runs/${id}`);
    await page.getByRole("alert").getByText("About FORBIDDEN").waitFor();
    await page.getByRole("button", { name: "Look in test data" }).click();
    await page.getByRole("heading", { name: "3 sold, 7 refused, 0 wrong" }).waitFor();
  });

  it("100,000 agents are watched to their end: no long task, and the heap stays", async () => {
    const watched = await watchRun(stage, { agents: 100_000, units: 100, seed: 3 });
    expectSmooth(watched);
  }, 180_000);
});
