import { expect, it, onTestFinished } from "vitest";
import { scopes } from "./auth/scopes.ts";
import { prepareRoles } from "./db/roles.ts";
import {
  call,
  commitBodyOf,
  makeKey,
  makeStore,
  post,
  startApi,
  type Reply,
} from "./testing/api.ts";
import { openTest } from "./testing/database.ts";
import { expectProven } from "./testing/expect-proven.ts";

/** The way to the same database with the rights of a server and no more. */
async function asServer(url: string): Promise<string> {
  const owner = openTest(url);
  await prepareRoles(owner);
  await owner.close();
  const restricted = new URL(url);
  // On DSQL one comes as the role itself, and no options are taken.
  if (owner.dialect.name === "dsql") restricted.username = "zerorace_server";
  else restricted.searchParams.set("options", "-c role=zerorace_server");
  return restricted.href;
}

it("a server with no more rights than it needs sells, holds, refunds and runs a shop", async () => {
  const api = await startApi({ ZERORACE_SANDBOX: "on" }, asServer);
  onTestFinished(() => api.close());
  const { shop } = await makeStore(api);
  const key = await makeKey(api, shop, scopes);
  let sent = 0;
  const send = async (path: string, body: object = {}): Promise<Reply> => {
    const reply = await post(api, path, body, { key, idempotencyKey: `key-${++sent}` });
    expect([path, reply.status], reply.text).toEqual([path, expect.toSatisfy(isFine)]);
    return reply;
  };
  const { merchantId } = shop;
  const bought = await send("/v1/purchases/commit", commitBodyOf(shop));
  const refund = { merchantId, amountMinor: 100, returnQuantity: 1 };
  await send(`/v1/purchases/${String(bought.body.intentId)}/refunds`, refund);
  for (const verb of ["capture", "release"]) {
    const held = await send("/v1/holds", commitBodyOf(shop));
    const hold = `/v1/holds/${String(held.body.intentId)}`;
    await send(`${hold}/extend`, { merchantId, holdSeconds: 900 });
    await send(`${hold}/${verb}`, { merchantId });
  }
  const merchant = await send("/v1/merchants", { name: "another" });
  const selling = { currency: "USD", priceMinor: 100, stock: 5 };
  const seller = { merchantId: merchant.body.id, sku: "lamp", name: "a lamp" };
  const item = await send("/v1/items", { ...seller, ...selling });
  await send(`/v1/items/${String(item.body.id)}/price`, { priceMinor: 200 });
  await send(`/v1/items/${String(item.body.id)}/close`);
  const mandate = await send("/v1/mandates", { name: "x", currency: "USD", capMinor: 1_000 });
  await send(`/v1/mandates/${String(mandate.body.id)}/cap`, { capMinor: 2_000 });
  await send(`/v1/mandates/${String(mandate.body.id)}/revoke`);
  await send("/v1/sandbox/commit");
  expect((await call(`${api.url}/readyz`)).status).toBe(200);
  await expectProven(api.database.db);
});

const isFine = (status: unknown): boolean => status === 200 || status === 201;
