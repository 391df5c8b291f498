import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { verifyExport } from "../../server/audit/verify-export.ts";
import { actedOn, tamper } from "./audit-screens.ts";
import { Stage } from "./harness.ts";
import { evilName } from "./money-shop.ts";

let stage: Stage;
let mandateId: string;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
  ({ mandateId } = await actedOn(stage));
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("the log says what was done, to what, by whom, and what was before", async () => {
  const page = await stage.signedInPage("/audit");
  await page.getByText(/^Verified to entry \d+\.$/).waitFor();
  const row = page.getByRole("row").filter({ hasText: "Paused a mandate" });
  await row.getByText(evilName).waitFor();
  expect(await row.textContent()).toContain("State: active → paused");
  expect(await row.textContent()).toContain("Ann Lee");
  await page.getByRole("link", { name: "Set a price" }).click();
  await page.getByRole("heading", { name: "What changed" }).waitFor();
  expect(await page.locator("del").first().textContent()).toBe("was 4,500");
  expect(await page.locator("ins").first().textContent()).toBe("is now 3,900");
  await page.getByRole("link", { name: "All that was done to it" }).click();
  await page.getByRole("link", { name: "Closed an item" }).waitFor();
  expect(await page.getByRole("link", { name: "Paused a mandate" }).count()).toBe(0);
  expect(await page.title()).not.toBe("owned");
});

it("filters stand in the address, and are taken back one by one", async () => {
  const page = await stage.signedInPage(`/audit?objectId=${mandateId}`);
  await page.getByRole("link", { name: "Set a mandate's rules" }).waitFor();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("Action").selectOption({ label: "Paused a mandate" });
  await page.getByRole("link", { name: "Set a mandate's rules" }).waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("action")).toBe("mandate.pause");
  await page.getByLabel("Who", { exact: true }).selectOption({ label: "Ann Lee" });
  await page.reload();
  await page.getByRole("link", { name: "Paused a mandate" }).waitFor();
  await page.getByRole("button", { name: "Remove the filter Action" }).click();
  await page.getByRole("link", { name: "Set a mandate's rules" }).waitFor();
});

it("the whole log is a file that proves itself", async () => {
  const page = await stage.signedInPage("/audit");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export the whole log" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  const lines = async function* () {
    yield* text.trimEnd().split("\n");
  };
  const { entries, brokenAt, first } = await verifyExport(lines());
  expect(brokenAt).toBeUndefined();
  expect(entries).toBe(first.head.seq);
  await page.getByText(first.head.hash).waitFor();
  await page.getByText(/^Saved/).waitFor();
});

it("a log that somebody changed says where, and what to do", async () => {
  const page = await stage.signedInPage("/audit");
  await page.getByText(/^Verified to entry/).waitFor();
  await tamper(stage, (await stage.claimed()).session.tenants.test);
  await page.getByRole("button", { name: "Verify now" }).click();
  await page.getByText(/^Broken at entry 4: what stands there is not what was written/).waitFor();
  await page.getByText("Entries 1 to 3 are whole.").waitFor();
  await page.getByText("What to do now").waitFor();
  await page.getByRole("link", { name: "Entry 4" }).click();
  await page.getByRole("heading", { name: "In the chain" }).waitFor();
});

it("whoever may not see the log is told who can change that", async () => {
  const { cookie } = await stage.person("operator");
  const page = await stage.pageAs(cookie, "/audit");
  await page.getByText(": not for your role").waitFor();
  const line = page.getByRole("navigation", { name: "Screens" }).getByText("Audit log");
  expect(await line.getAttribute("title")).toContain("Your role, operator, may not see this.");
});
