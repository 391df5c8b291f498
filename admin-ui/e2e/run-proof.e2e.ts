import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import type { RunView } from "../../server/runs/wire.ts";
import { unreliable, type Unreliable } from "../../server/proof/unreliable.ts";
import { Stage } from "./harness.ts";

/** A server that does faults, whose database has two ways to it. */
let stage: Stage;
let away: Unreliable | undefined;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUN_FAULTS: "1" }, async (url) => {
    away = await unreliable(url);
    return `${url} ${away.url}`;
  });
});
afterAll(async () => {
  await stage?.close();
  await away?.close();
});
afterEach(() => stage.expectNoFaults());

const startRun = (body: object): Promise<RunView> => stage.call<RunView>("POST", "/v1/runs", body);
const readRun = (id: string): Promise<RunView> => stage.call<RunView>("GET", `/v1/runs/${id}`);
const idOf = (page: Page): string => new URL(page.url()).pathname.split("/").at(-1) ?? "";
const over = { name: / 0 wrong$/ };

async function show(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

describe.sequential("a run, seen from outside", () => {
  it("the operator asks for faults; the page says how often, which region, which world", async () => {
    const page = await stage.signedInPage("/runs?new=3000&units=50&concurrency=200&seed=5");
    const dialog = page.getByRole("dialog", { name: "New run" });
    await dialog.getByText("Faults, on purpose").click();
    await dialog.getByLabel("Slower by").fill("20");
    await dialog.getByLabel("Lost, of a hundred").fill("21");
    await dialog.getByLabel(/^Take .* away for a while/).check();
    expect(await dialog.getByRole("button", { name: "Copy as curl" }).count()).toBe(0);
    await dialog.getByRole("button", { name: "Start the run" }).click();
    await dialog.getByText("Must be at most 20.", { exact: true }).waitFor();
    await dialog.getByLabel("Lost, of a hundred").fill("10");
    await dialog.getByRole("button", { name: "Start the run" }).click();
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    await expect
      .poll(async () => (await readRun(idOf(page))).state, { timeout: 90_000 })
      .not.toMatch(/queued|running/);
    expect((await readRun(idOf(page))).report?.complaints).toEqual([]);
    await page.getByRole("heading", { name: "50 sold, 2,950 refused, 0 wrong" }).waitFor();

    const { report, worldId, frame } = await readRun(idOf(page));
    const lost = (report?.faults?.commitsLostBefore ?? 0) + (report?.faults?.commitsLostAfter ?? 0);
    expect(lost).toBeGreaterThan(0);
    expect(await page.getByRole("row", { name: /^Commits lost/ }).innerText()).toMatch(
      new RegExp(`\\b${lost}$`),
    );
    await page.getByRole("row", { name: /^Home region away.*1$/ }).waitFor();
    expect(await page.getByRole("row", { name: /^Connections cut/ }).count()).toBe(0);

    const lane = page.locator("section", { has: page.getByRole("heading", { name: "Regions" }) });
    const shown = await lane.last().getByRole("listitem").allInnerTexts();
    const names = frame?.regions.map(({ name }) => name) ?? [];
    expect(shown).toHaveLength(2);
    expect(shown.map((text, at) => text.includes(names[at] ?? "none"))).toEqual([true, true]);
    // Whether a picture is taken while it is away is a matter of the machine's speed.
    const left = frame?.log.filter(({ what }) => what === "region_left") ?? [];
    for (const { region } of left)
      await page.getByText(`${region} does not answer: the others take over.`).first().waitFor();
    await page.getByText(`prove --tenant ${worldId}`).waitFor();

    await page.getByRole("link", { name: "Replay from the seed" }).click();
    expect(await dialog.getByLabel("Lost, of a hundred").inputValue()).toBe("10");
    expect(await dialog.getByLabel(/^Take .* away for a while/).isChecked()).toBe(true);
  }, 150_000);

  it("who is not the instance operator is not offered faults", async () => {
    const { cookie } = await stage.person("owner");
    const page = await stage.pageAs(cookie, "/runs?new=1000");
    const dialog = page.getByRole("dialog", { name: "New run" });
    await dialog.getByText(/^About \d+ s/).waitFor();
    expect(await dialog.getByText("Faults, on purpose").count()).toBe(0);
  });

  it("the link of a run shows a colleague the same, and somebody else nothing", async () => {
    const page = await stage.signedInPage("/runs");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("link", { name: /3,000 agents/ }).click();
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(new RegExp(`^${stage.url}/runs/[0-9a-f-]{36}$`));

    const finish = { name: "50 sold, 2,950 refused, 0 wrong" };
    const colleague = await stage.pageAs((await stage.person("viewer")).cookie, link);
    await colleague.getByRole("heading", finish).waitFor();
    const stranger = await stage.pageAs((await stage.person("owner", true)).cookie, link);
    await stranger.getByRole("alert").getByText("About FORBIDDEN").waitFor();
    expect(await stranger.getByText("2,950").count()).toBe(0);
  });

  it("a hidden tab gives its stream back, and shows the truth when it is looked at again", async () => {
    const { id } = await startRun({ agents: 1_000_000, units: 500_000, concurrency: 50 });
    const page = await stage.signedInPage("/runs");
    await page.clock.install();
    await page.goto(`/runs/${id}`);
    const bar = page.getByRole("progressbar", { name: "Attempts" });
    await bar.waitFor({ timeout: 30_000 });
    await expect.poll(() => bar.getAttribute("value"), { timeout: 20_000 }).not.toBe(null);

    const isStream = (request: { url(): string }): boolean => request.url().includes("/v1/stream");
    const closed = page.waitForEvent("requestfailed", { predicate: isStream });
    await show(page, true);
    await page.clock.fastForward(61_000);
    await closed;
    await stage.call("POST", `/v1/runs/${id}/stop`, {});
    const state = async () => (await readRun(id)).state;
    await expect.poll(state, { timeout: 60_000 }).toBe("stopped");
    expect(await page.getByRole("heading", over).count()).toBe(0);

    const opened = page.waitForEvent("request", { predicate: isStream });
    await show(page, false);
    await opened;
    const { report } = await readRun(id);
    const whole = (count = 0): string => count.toLocaleString("en-US");
    const finish = `${whole(report?.sold)} sold, ${whole(report?.declined)} refused, 0 wrong`;
    await page.getByRole("heading", { name: finish }).waitFor({ timeout: 30_000 });
    await page
      .getByRole("grid", { name: `Units, ${whole(report?.sold)} of 500,000 sold` })
      .waitFor();
  }, 150_000);
});
