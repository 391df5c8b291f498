import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import { environment } from "../../server/base/config.ts";
import { freePort } from "../../server/base/free-port.ts";
import { startReceiver } from "../../server/testing/webhooks.ts";
import type { DeliveryView, EndpointView, MadeView } from "../../server/webhooks/wire.ts";
import { Stage } from "./harness.ts";
import { buy, makeOwnShop, type OwnShop } from "./shop.ts";
import { evilAnswer } from "./webhook-shop.ts";

let stage: Stage;
let shop: OwnShop;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off", ZERORACE_WEBHOOK_TARGETS: "any" });
  shop = await makeOwnShop(stage);
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const secretOn = async (page: Page): Promise<string> =>
  (await page.getByText(/^whsec_[A-Za-z0-9+/=]{44}$/).textContent()) ?? "";
const codeOn = async (page: Page, name: string): Promise<string> =>
  (await page.getByRole("group", { name, exact: true }).textContent()) ?? "";
const make = (url: string, more: object = {}) =>
  stage.call<MadeView>("POST", "/v1/webhooks", { url, ...more });

/** Runs what the console offers to paste, and keeps what it says. */
function run(command: string, args: readonly string[], input: string, env: object) {
  const child = spawn(command, args, { env: { PATH: environment().PATH, ...env } });
  const said = { out: "", err: "" };
  child.stdout.on("data", (part: Buffer) => (said.out += part.toString()));
  child.stderr.on("data", (part: Buffer) => (said.err += part.toString()));
  child.stdin.end(input);
  onTestFinished(() => void child.kill());
  return { said, ended: once(child, "close") };
}

it("a webhook is made, its secret shown once, and the receiver that the console shows verifies a test", async () => {
  await stage.startWorker();
  const port = await freePort();
  const page = await stage.signedInPage("/webhooks");
  await page.getByRole("heading", { name: "No webhooks yet" }).waitFor();
  await page.getByRole("link", { name: "Add a webhook" }).first().click();
  await page.getByRole("button", { name: "Add the webhook" }).click();
  await page.getByText("Must be an absolute URL.").waitFor();
  await page.getByLabel("URL").fill(`http://127.0.0.1:${port}/hooks`);
  await page.getByLabel("Description").fill("ships");
  await page.getByRole("radio", { name: "Only what is ticked" }).check();
  // What is shown beside the list is the server's own.
  await page.getByRole("checkbox", { name: /^purchase.extended/ }).click();
  const { data } = await stage.call<{ data: { event: string; sample: string }[] }>(
    "GET",
    "/v1/webhook-events",
  );
  const extended = data.find(({ event }) => event === "purchase.extended");
  expect(JSON.parse(await codeOn(page, "sample body"))).toEqual(JSON.parse(extended?.sample ?? ""));
  await page.getByRole("button", { name: "Add the webhook" }).click();

  const secret = await secretOn(page);
  const code = (await codeOn(page, "TypeScript")).replace("4000", String(port));
  const env = { ZERORACE_WEBHOOK_SECRET: secret };
  const receiver = run(process.execPath, ["--input-type=module-typescript", "-"], code, env);
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}`, { method: "POST" }).then(
          (r) => r.status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(401);
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText(/Delivered: the receiver answered 204 after/).waitFor();
  await expect.poll(() => receiver.said.out).toContain("webhook.test");
  await page.getByRole("row", { name: /webhook.test/ }).waitFor();

  // What was picked is heard, by way of a sale; what was not picked is not.
  await buy(stage, shop);
  await page.getByRole("button", { name: /new deliveries/ }).click();
  // A row may be there before it is sent, and what a process says comes by a pipe.
  await page.getByRole("row", { name: /purchase.committed.*Delivered/ }).waitFor();
  await expect.poll(() => receiver.said.out).toContain("purchase.committed");

  // One delivery, checked by what every machine has.
  await page.getByRole("link", { name: "purchase.committed" }).click();
  await page.getByRole("tab", { name: "Verify by openssl" }).click();
  const openssl = await codeOn(page, "openssl");
  const check = run("sh", [], openssl, env);
  await check.ended;
  const signature = /# v1,(\S+)/.exec(openssl)?.[1];
  expect(check.said).toEqual({ out: `${signature}\n`, err: "" });
  await page.getByRole("tab", { name: "curl" }).click();
  const curl = (await codeOn(page, "curl")).replace("4000", String(port));
  const sent = run("sh", [], curl, {});
  await sent.ended;
  expect(sent.said.out).toContain("HTTP/1.1 204");
});

it("a receiver that fails is shown with its answer, in words, and gets it again by hand", async () => {
  await stage.startWorker();
  const receiver = await startReceiver();
  const { id, secret = "" } = await make(receiver.url);
  receiver.secrets.push(secret);
  receiver.answer = (res) => res.writeHead(500).end(`out of order ${evilAnswer}`);
  const page = await stage.signedInPage(`/webhooks/${id}`);
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText(/Not delivered yet: \d attempts?, the last one got 500/).waitFor();
  await page.getByText("It is failing.").waitFor();
  await page.getByText("Failing", { exact: true }).waitFor();
  await page.getByRole("link", { name: "webhook.test" }).click();
  expect(await codeOn(page, "Answer body")).toBe(`out of order ${evilAnswer}`);
  const [sent] = receiver.received;
  expect(await codeOn(page, "Request headers")).toContain(
    `webhook-signature: ${String(sent?.headers["webhook-signature"])}`,
  );
  expect(JSON.parse(await codeOn(page, "Request body"))).toEqual(sent?.event);
  expect(await page.title()).toBe("webhook.test · ZeroRace");
  receiver.answer = (res) => res.writeHead(200).end("thanks");
  await page.getByRole("button", { name: "Send it again" }).click();
  await page.getByText(/Delivered with attempt \d: the receiver answered 200/).waitFor();
  await page.getByRole("link", { name: "Webhook", exact: true }).click();
  await page.getByText("Enabled", { exact: true }).waitFor();
});

it("a webhook that was gone says what to do; enabled again, what it missed is redelivered", async () => {
  await stage.startWorker();
  const receiver = await startReceiver();
  const { id, secret = "" } = await make(receiver.url);
  receiver.secrets.push(secret);
  receiver.answer = (res) => res.writeHead(410).end();
  const page = await stage.signedInPage(`/webhooks/${id}`);
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("Disabled: the receiver answered 410 Gone.").waitFor();
  const again = page.getByRole("button", { name: "Redeliver …" });
  expect(await again.getAttribute("aria-disabled")).toBe("true");
  await buy(stage, shop);
  const skipped = async (): Promise<number> => {
    const path = `/v1/webhooks/${id}/deliveries?state=skipped`;
    return (await stage.call<{ data: DeliveryView[] }>("GET", path)).data.length;
  };
  await expect.poll(skipped, { timeout: 10_000 }).toBe(1);
  receiver.answer = (res) => res.writeHead(204).end();
  const before = receiver.received.length;
  await page.getByRole("button", { name: "Enable" }).click();
  await page
    .getByText("Enabled. What it was owed is due by its schedule", { exact: false })
    .waitFor();
  await again.click();
  await page.getByRole("dialog").getByRole("button", { name: "Redeliver" }).click();
  await page.getByText("Due again at once: 2 deliveries.").waitFor();
  await expect.poll(() => receiver.received.length - before, { timeout: 10_000 }).toBe(2);
  await page.getByRole("tab", { name: "Sent again" }).click();
  await page.getByRole("table", { name: "Redeliveries" }).getByText("Done").waitFor();
});

it("a long redelivery shows how far it is, survives a reload, and can be stopped", async () => {
  const { id } = await make("http://127.0.0.1:9/");
  const { db } = stage.api.database;
  const { session } = await stage.claimed();
  await db.pool.query(
    `insert into webhook_deliveries (delivery_id, endpoint_id, event_id, tenant_id, kind, payload, state,
                                     attempts, counts_from, created_at)
     select gen_random_uuid(), $1, gen_random_uuid(), $2, 'webhook.test', '{}', 'failed', 1, 0,
            now() - n * interval '1 second'
       from generate_series(1, 2500) n`,
    [id, session.tenants.test],
  );
  const page = await stage.signedInPage(`/webhooks/${id}`);
  await page.getByRole("button", { name: "Redeliver …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Redeliver" }).click();
  await page.getByText("500 of 2,500 looked at, 500 due again").waitFor();
  await page.reload();
  await page.getByText("500 of 2,500 looked at, 500 due again").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("tab", { name: "Sent again" }).click();
  await page.getByRole("table", { name: "Redeliveries" }).getByText("Stopped").waitFor();
  expect(await page.getByRole("progressbar").count()).toBe(0);
  await stage.call("POST", `/v1/webhooks/${id}/disable`, {});
});

it("a secret is rolled: both sign, the page says until when, and the old one is ended", async () => {
  const { id, secret: old } = await make("https://shop.example.com/rolled");
  const page = await stage.signedInPage(`/webhooks/${id}?tab=about`);
  await page.getByRole("heading", { name: "One secret signs" }).waitFor();
  await page.getByRole("button", { name: "Roll the secret …" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("The secret of now goes on").selectOption({ label: "For an hour" });
  await form.getByRole("button", { name: "Make the new secret" }).click();
  expect(await secretOn(page)).not.toBe(old);
  await page.getByRole("link", { name: "Overview" }).click();
  const leaving = page.getByRole("dialog", { name: "Leave without the secret?" });
  await leaving.getByRole("button", { name: "Cancel" }).click();
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("heading", { name: "Two secrets sign" }).waitFor();
  await page.getByRole("button", { name: "End the old secret …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End the old secret" }).click();
  await page.getByRole("heading", { name: "One secret signs" }).waitFor();
});

it("a webhook is edited, paused and deleted, each time with what it means", async () => {
  const { id } = await make("https://shop.example.com/a", { description: evilAnswer });
  const page = await stage.signedInPage(`/webhooks/${id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  const form = page.getByRole("dialog");
  expect(await form.getByLabel("Description").inputValue()).toBe(evilAnswer);
  await form.getByLabel("URL").fill("https://shop.example.com/b");
  await form.getByLabel("Description").fill("");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "shop.example.com/b", level: 1 }).waitFor();
  const shown = await stage.call<EndpointView>("GET", `/v1/webhooks/${id}`);
  expect([shown.description, shown.events]).toEqual(["", null]);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Pause …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause the webhook" }).click();
  await page.getByText("Paused by hand.").waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete …" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("shop.example.com/b");
  await dialog.getByRole("button", { name: "Delete the webhook" }).click();
  await page.waitForURL((url) => url.pathname === "/webhooks");
  expect(await page.getByText("shop.example.com/b").count()).toBe(0);
});

it("filters stand in the address, and two organisations see nothing of each other's webhooks", async () => {
  const { id } = await make("https://shop.example.com/filtered");
  await stage.call("POST", `/v1/webhooks/${id}/test`, {});
  const page = await stage.signedInPage(`/webhooks/${id}`);
  await page.getByRole("row", { name: /webhook.test/ }).waitFor();
  await page.getByRole("radio", { name: "Failed" }).check();
  await page.getByRole("heading", { name: "Nothing fits these filters" }).waitFor();
  expect(new URL(page.url()).searchParams.get("state")).toBe("failed");
  await page.reload();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.getByRole("row", { name: /webhook.test/ }).waitFor();
  const stranger = await stage.person("owner", true);
  const theirs = await stage.pageAs(stranger.cookie, `/webhooks/${id}`);
  await theirs.getByRole("alert").getByText("About FORBIDDEN").waitFor();
  await theirs.goto("/webhooks");
  await theirs.getByRole("heading", { name: "No webhooks yet" }).waitFor();
  const viewer = await stage.pageAs((await stage.person("viewer")).cookie, "/webhooks");
  await viewer.getByRole("heading", { name: "Webhooks: not for your role" }).waitFor();
});
