import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const patience = { timeout: 30_000 };

it("the operator suspends an organisation with a reason, its people read it at once, and go on when it is reopened", async () => {
  const founder = await stage.person("owner", true);
  const theirs = await stage.pageAs(founder.cookie, "/merchants");
  await theirs
    .getByRole("status")
    .filter({ hasText: /^Live$/ })
    .waitFor(patience);

  const page = await stage.signedInPage("/instance?tab=organisations");
  const table = page.getByRole("table", { name: "Organisations" });
  expect(await table.getByRole("button", { name: "Suspend Northlight Studio" }).count()).toBe(0);
  await table.getByRole("button", { name: "Suspend Acme" }).click();
  const dialog = page.getByRole("dialog", { name: "Suspend Acme?" });
  await dialog.getByRole("button", { name: "Suspend the organisation" }).click();
  await dialog.getByText("Must not be empty").waitFor();
  const reason = `Unpaid <img src=x onerror="document.title='owned'">: call 555 0100.`;
  await dialog.getByLabel("Why").fill(reason);
  await dialog.getByRole("button", { name: "Suspend the organisation" }).click();
  await page.getByText("Acme is suspended: its API keys", { exact: false }).waitFor();
  await table.getByText("suspended", { exact: true }).waitFor();

  // Nobody touched this page.
  await theirs.getByRole("heading", { name: "Acme is suspended", level: 1 }).waitFor(patience);
  await theirs.getByText(reason).waitFor();
  expect(await theirs.getByRole("navigation").count()).toBe(0);
  await theirs.reload();
  await theirs.getByText(reason).waitFor();
  expect(await theirs.title()).not.toBe("owned");

  await table.getByRole("button", { name: "Reopen Acme" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reopen the organisation" }).click();
  await page.getByText("Acme is open again.").waitFor();
  await theirs.getByRole("button", { name: "Look again" }).click();
  await theirs.getByRole("heading", { name: "Merchants", level: 1 }).waitFor();

  await page.goto("/audit/instance");
  await page.getByText("Suspended the organisation").first().waitFor();
});
