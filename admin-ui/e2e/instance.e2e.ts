import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { hasRedis } from "../../server/testing/redis-servers.ts";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it.runIf(hasRedis)(
  "Redis that is stopped turns its line red within seconds, with what to do; started again it is green",
  async () => {
    const page = await stage.signedInPage("/instance");
    const line = page.getByRole("listitem", { name: "Redis" });
    await line.getByText("Fine", { exact: true }).waitFor();
    await stage.stopRedis();
    const stoppedAt = Date.now();
    await line.getByText("Look now", { exact: true }).waitFor();
    expect(Date.now() - stoppedAt).toBeLessThan(10_000);
    await line.getByText("Sales go on and nothing is wrong", { exact: false }).waitFor();
    await line.getByText("Start Redis again", { exact: false }).waitFor();
    const runbook = line.getByRole("link", { name: "Runbook of Redis, in a new tab" });
    expect(await runbook.getAttribute("href")).toBe("/docs/runbooks/redis");
    await stage.startRedis();
    await line.getByText("Fine", { exact: true }).waitFor();
  },
);

it("parked events are shown with their reason, inert, and told again one by one and all", async () => {
  const { pool } = stage.api.database.db;
  const reason = `<img src=x onerror="document.title='owned'">`;
  for (const kind of ["purchase.one", "purchase.two", "purchase.three"]) {
    await pool.query(
      `insert into parked_events (event_id, tenant_id, kind, subject_id, tries, reason, created_at)
       values (gen_random_uuid(), gen_random_uuid(), $1, gen_random_uuid(), 8, $2, now())`,
      [kind, reason],
    );
  }
  const page = await stage.signedInPage("/instance");
  await page
    .getByRole("listitem", { name: "Parked events" })
    .getByText("3 events could not be told", { exact: false })
    .waitFor();
  await page.getByRole("tab", { name: "Parked events" }).click();
  await page.getByText(reason).first().waitFor();
  await page.getByRole("button", { name: /^Tell again: purchase\.two/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Tell again" }).click();
  await page.getByText("1 event stands in the outbox again.", { exact: false }).waitFor();
  await expect.poll(() => page.getByRole("button", { name: /^Tell again:/ }).count()).toBe(2);
  await page.getByRole("button", { name: "Tell all again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Tell again" }).click();
  await page.getByText("2 events stand in the outbox again.", { exact: false }).waitFor();
  await page.getByRole("heading", { name: "No parked events" }).waitFor();
  const { rows } = await pool.query("select 1 from outbox where kind like 'purchase.%'");
  expect(rows).toHaveLength(3);
  expect(await page.title()).toBe("Instance · ZeroRace");
});

it("an owner who does not run the server learns why it sees nothing of it, and the server says 403", async () => {
  const owner = await stage.person("owner");
  const page = await stage.pageAs(owner.cookie, "/instance");
  await page.getByText("Only the operator of this instance may see this.").last().waitFor();
  expect(await page.getByRole("tab").count()).toBe(0);
  const headers = { Cookie: owner.cookie };
  expect((await fetch(`${stage.url}/v1/instance/health`, { headers })).status).toBe(403);
});

it("organisations are listed, and one is invited by a link", async () => {
  const stranger = await stage.person("owner", true);
  const page = await stage.signedInPage("/instance?tab=organisations");
  const table = page.getByRole("table", { name: "Organisations" });
  await table.getByText(stranger.liveTenantId).waitFor();
  await page.getByRole("button", { name: "Invite an organisation" }).click();
  await page.getByLabel("Email of its first owner").fill("founder@example.com");
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByRole("group", { name: "the link" }).textContent();
  expect(link).toContain("/join#zrl_");
});

it("settings are shown with where they come from, and no secret among them", async () => {
  const page = await stage.signedInPage("/instance?tab=settings");
  const row = page.getByRole("row", { name: /ZERORACE_SEALING_KEY/ });
  await row.getByText("********").waitFor();
  await page
    .getByRole("row", { name: /ZERORACE_LANES/ })
    .getByText("default")
    .waitFor();
  expect(await page.content()).not.toContain("redis://");
});
