import type { Page } from "playwright-core";
import { writeRows } from "../../server/requests/store.ts";
import type { RequestView } from "../../server/requests/wire.ts";
import { expect } from "vitest";
import type { Stage } from "./harness.ts";
import type { Shown } from "./screens.ts";
import { lookAtLive } from "./selling-shop.ts";
import { makeOwnShop } from "./shop.ts";

const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";

/** Requests by what became of them: ids of the log. */
interface Logged {
  readonly bought: string;
  readonly replay: string;
  readonly refused: string;
  readonly sampled: string;
}

const made = new WeakMap<Stage, Promise<Logged>>();

export function loggedRequests(stage: Stage): Promise<Logged> {
  const known = made.get(stage) ?? fill(stage);
  made.set(stage, known);
  return known;
}

/** As a program sends it; the id of its line in the log, once it is there. */
export async function askAs(
  stage: Stage,
  apiKey: string,
  path: string,
  ask?: { readonly body: object; readonly idempotencyKey: string },
): Promise<string> {
  const response = await fetch(`${stage.url}${path}`, {
    method: ask ? "POST" : "GET",
    headers: {
      Authorization: `Bearer ${apiKey}`,
      "User-Agent": "shop-agent/1.4",
      ...(ask && { "Content-Type": "application/json", "Idempotency-Key": ask.idempotencyKey }),
    },
    ...(ask && { body: JSON.stringify(ask.body) }),
  });
  const id = response.headers.get("request-id") ?? "";
  const isThere = () =>
    stage.call<RequestView>("GET", `/v1/requests/${id}`).then(
      () => true,
      () => false,
    );
  await expect.poll(isThere, { timeout: 20_000 }).toBe(true);
  return id;
}

async function fill(stage: Stage): Promise<Logged> {
  const shop = await makeOwnShop(stage, "LOG-1");
  const scopes = ["purchases:write", "purchases:read", "items:read"];
  const { apiKey } = await stage.call<{ apiKey: string }>("POST", "/v1/keys", {
    name: "checkout of the shop",
    scopes,
  });
  const ask = { ...shop, agentId: "agent-7", quantity: 1, amountMinor: 2500, currency: "USD" };
  const commit = (idempotencyKey: string, body: object = ask) =>
    askAs(stage, apiKey, "/v1/purchases/commit", { body, idempotencyKey });
  await askAs(stage, apiKey, `/v1/items/${shop.itemId}`);
  await askAs(stage, apiKey, "/v1/webhooks");
  await askAs(stage, apiKey, `/v1/items/${nobody}`);
  const refused = await commit("order-1042", { ...ask, quantity: -1 });
  const bought = await commit("order-1043");
  const replay = await commit("order-1043");
  const sampled = crypto.randomUUID();
  const { session } = await stage.claimed();
  const row = {
    tenantId: session.tenants.test,
    requestId: sampled,
    atMs: Date.now(),
    method: "POST",
    route: "/v1/purchases/commit",
    status: 201,
    code: null,
    ms: 12,
    caller: `key:${apiKey.split("_")[2] ?? ""}`,
    idempotencyKey: "order-2001",
    replayed: false,
    subjectId: null,
    userAgent: "shop-agent/1.4",
    standsFor: 100,
  };
  await writeRows(stage.api.database.db, [row]);
  return { bought, replay, refused, sampled };
}

const at = (path: (logged: Logged) => string) => async (stage: Stage) =>
  path(await loggedRequests(stage));
const shown = (text: string) => (page: Page) => page.getByText(text).first().waitFor();

/** The states of the request log. */
export const requestScreens: readonly Shown[] = [
  {
    name: "requests",
    path: at(() => "/requests"),
    ready: (page) =>
      page.getByRole("table", { name: "Requests" }).getByRole("row").nth(5).waitFor(),
  },
  {
    name: "requests-filtered",
    path: at(() => "/requests?status=4xx&method=POST"),
    async ready(page) {
      await page.getByRole("button", { name: "Filter", exact: true }).click();
      await page.getByLabel("Idempotency key").waitFor();
    },
  },
  {
    name: "requests-empty",
    path: "/requests",
    async ready(page) {
      await lookAtLive(page);
      await page.getByRole("heading", { name: "No program has asked anything yet" }).waitFor();
    },
  },
  {
    name: "requests-error",
    path: "/requests?status=9",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  {
    name: "request",
    path: at(({ bought }) => `/requests/${bought}`),
    ready: shown("The log keeps neither"),
  },
  {
    name: "request-refused",
    path: at(({ refused }) => `/requests/${refused}`),
    ready: shown("What VALIDATION_FAILED means"),
  },
  {
    name: "request-sampled",
    path: at(({ sampled }) => `/requests/${sampled}`),
    ready: shown("this one stands for"),
  },
  {
    name: "request-unknown",
    path: `/requests/${nobody}`,
    ready: (page) => page.getByRole("alert").waitFor(),
  },
];
