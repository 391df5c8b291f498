import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";
import { askAs, loggedRequests } from "./request-screens.ts";
import { makeOwnShop } from "./shop.ts";

let stage: Stage;
let apiKey: string;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
  const body = { name: "by curl", scopes: ["purchases:read", "purchases:write", "items:read"] };
  ({ apiKey } = await stage.call<{ apiKey: string }>("POST", "/v1/keys", body));
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const curl = promisify(execFile);

it("a request by curl shows up by itself with its status, code, time and key; a replay is marked", async () => {
  const page = await stage.signedInPage("/requests");
  await page.getByRole("heading", { name: "No program has asked anything yet" }).waitFor();
  await page.getByText("Live", { exact: true }).first().waitFor();
  const shop = await makeOwnShop(stage);
  const ask = { ...shop, agentId: "agent-7", quantity: 1, amountMinor: 2500, currency: "USD" };
  const send = async (quantity: number, key: string): Promise<void> => {
    const headers = ["-H", `Authorization: Bearer ${apiKey}`, "-H", `Idempotency-Key: ${key}`];
    const body = [
      "-H",
      "Content-Type: application/json",
      "-d",
      JSON.stringify({ ...ask, quantity }),
    ];
    await curl("curl", ["-s", ...headers, ...body, `${stage.url}/v1/purchases/commit`]);
  };
  await send(1, "order-1");
  const first = page.getByRole("row", { name: /order-1/ });
  await first.getByText("201").waitFor();
  expect(await first.textContent()).toMatch(/POST \/v1\/purchases\/commit/);
  expect(await first.textContent()).toMatch(/\d ms/);
  const keyId = apiKey.split("_")[2] ?? "";
  await first.getByRole("link", { name: `${keyId.slice(0, 8)}…` }).waitFor();
  await send(1, "order-1");
  await send(-1, "order-2");
  await page.getByRole("button", { name: /^2 new requests/ }).click();
  await page
    .getByRole("row", { name: /order-1/ })
    .getByText("Replay", { exact: true })
    .first()
    .waitFor();
  const refused = page.getByRole("row", { name: /order-2/ });
  await refused.getByText("422").waitFor();
  const code = refused.getByRole("link", { name: "VALIDATION_FAILED" });
  const href = (await code.getAttribute("href")) ?? "";
  expect((await fetch(`${stage.url}${href}`)).status).toBe(200);
  expect(href).toBe("/problems/VALIDATION_FAILED");

  await page
    .getByRole("row", { name: /order-1/ })
    .getByRole("link")
    .first()
    .click();
  await page.getByText("The log keeps neither").waitFor();
  const again = (await page.getByRole("group", { name: "curl" }).textContent()) ?? "";
  const env = { ZERORACE_API_KEY: apiKey };
  const { stdout } = await curl("sh", ["-c", again], { env: { ...env, PATH: "/usr/bin:/bin" } });
  expect(JSON.parse(stdout)).toMatchObject({ outcome: "COMMITTED", replayed: true });
  await page.getByRole("link", { name: /^[0-9a-f-]{36}$/ }).click();
  await page.getByRole("heading", { name: /Desk lamp/, level: 1 }).waitFor();
});

it("what was refused says what its code means, and nothing that was in it", async () => {
  const { refused } = await loggedRequests(stage);
  const page = await stage.signedInPage(`/requests/${refused}`);
  await page.getByText("Refused with 422 VALIDATION_FAILED. Nothing was done.").waitFor();
  const link = page.getByRole("link", { name: "What VALIDATION_FAILED means, and what to do" });
  expect(await link.getAttribute("href")).toBe("/problems/VALIDATION_FAILED");
  await page.getByText("shop-agent/1.4").waitFor();
  await page.getByText("order-1042").first().waitFor();
  expect(await page.locator("main").textContent()).not.toContain("2500");
});

it("filters stand in the address; what stands for many says so; people are apart from programs", async () => {
  const { sampled } = await loggedRequests(stage);
  const page = await stage.signedInPage("/requests?status=2xx&idempotencyKey=order-2001");
  await page.getByText("one in 100 is kept and stands for the others").waitFor();
  await page
    .getByRole("row", { name: /order-2001/ })
    .getByText("100", { exact: true })
    .waitFor();
  await page.goto(`/requests/${sampled}`);
  await page.getByText("this one stands for 100 of them").waitFor();
  await page.goto("/requests");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("Status").selectOption("422");
  await page.getByLabel("Replay").selectOption("true");
  await page.getByRole("heading", { name: "Nothing fits these filters" }).waitFor();
  await page.goto("/requests?status=422&replayed=true");
  await page.getByRole("heading", { name: "Nothing fits these filters" }).waitFor();
  await page.getByRole("button", { name: "Remove the filter Status" }).click();
  await page.getByRole("row").getByText("Replay", { exact: true }).first().waitFor();
  expect(new URL(page.url()).searchParams.get("status")).toBeNull();
  await page.goto("/requests?status=422&replayed=true");
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.getByRole("radio", { name: "People" }).check();
  await page
    .getByRole("row", { name: /a person/ })
    .first()
    .waitFor();
  expect(await page.getByRole("row", { name: /order-1042/ }).count()).toBe(0);
});

it("a program's name with markup stays a name, and strangers see none of it", async () => {
  const evil = `<img src=x onerror="document.title='owned'">`;
  const response = await fetch(`${stage.url}/v1/items`, {
    headers: { Authorization: `Bearer ${apiKey}`, "User-Agent": evil },
  });
  const id = response.headers.get("request-id") ?? "";
  await askAs(stage, apiKey, "/v1/items");
  const page = await stage.signedInPage(`/requests/${id}`);
  await page.getByText(evil).waitFor();
  expect(await page.title()).toBe("GET /v1/items · ZeroRace");
  const stranger = await stage.person("owner", true);
  const theirs = await stage.pageAs(stranger.cookie, `/requests/${id}`);
  await theirs.getByRole("alert").getByText("About FORBIDDEN").waitFor();
  const viewer = await stage.pageAs((await stage.person("viewer")).cookie, "/requests");
  await viewer.getByRole("heading", { name: "Request log: not for your role" }).waitFor();
});
