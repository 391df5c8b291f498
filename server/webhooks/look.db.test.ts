import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyChain } from "../audit/verify-chain.ts";
import { makeLog } from "../base/log.ts";
import { readConfig } from "../base/config.ts";
import { tellsNobody } from "../live/announce.ts";
import { call, makeKey, post, sealingKeyOfTests, startApi, type TestApi } from "../testing/api.ts";
import { makeShop, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { startReceiver, type Receiver } from "../testing/webhooks.ts";
import { deliverDue } from "./deliver.ts";
import { redeliverRunning } from "./redeliveries/store.ts";
import type { RedeliveryView } from "./redeliveries/wire.ts";
import type { DeliveryView, EndpointView, MadeView, WholeDeliveryView } from "./wire.ts";

let api: TestApi;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi({ ZERORACE_WEBHOOK_TARGETS: "any" });
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, ["webhooks:read", "webhooks:write"]);
});
afterAll(() => api.close());

async function send<View>(path: string, body: object, status = 201): Promise<View> {
  const idempotencyKey = crypto.randomUUID();
  const reply = await post(api, `/v1/${path}`, body, { key, idempotencyKey });
  expect(reply.status, reply.text).toBe(status);
  return reply.body as View;
}

async function read<View>(path: string): Promise<View> {
  const headers = { Authorization: `Bearer ${key}` };
  const reply = await call(`${api.url}/v1/${path}`, { headers });
  expect(reply.status, reply.text).toBe(200);
  return reply.body as View;
}

const { signal } = new AbortController();

/** What a worker does. */
async function deliver(): Promise<void> {
  const { db } = api.database;
  const config = readConfig({
    ZERORACE_WEBHOOK_TARGETS: "any",
    ZERORACE_SEALING_KEY: sealingKeyOfTests,
  });
  const log = makeLog("test", { logLevel: "silent" });
  await deliverDue({ config, log, metrics: db.metrics, db, tells: tellsNobody }, signal);
}

async function makeHook(receiver: Receiver): Promise<MadeView> {
  const made = await send<MadeView>("webhooks", { url: receiver.url });
  receiver.secrets.push(made.secret ?? "");
  return made;
}

it("a webhook says how its last deliveries stand, the newest first", async () => {
  const receiver = await startReceiver();
  const { id } = await makeHook(receiver);
  const recent = async () => (await read<EndpointView>(`webhooks/${id}`)).recent;
  const owe = async (): Promise<void> => {
    await send(`webhooks/${id}/test`, {});
  };
  await owe();
  expect(await recent()).toEqual(["pending"]);
  await deliver();
  receiver.answer = (res) => res.writeHead(500).end();
  await owe();
  await deliver();
  expect(await recent()).toEqual(["retrying", "delivered"]);
  const failed = "update webhook_deliveries set state = 'failed' where state = 'pending'";
  await query(api.database.db, failed);
  for (let n = 0; n < 30; n++) await owe();
  expect(await recent()).toEqual(Array.from({ length: 30 }, () => "pending"));
  expect((await read<{ data: EndpointView[] }>("webhooks")).data[0]?.recent).toHaveLength(30);
});

it("an attempt keeps the request as it was sent: the public library verifies it from there", async () => {
  const receiver = await startReceiver();
  const { id, secret = "" } = await makeHook(receiver);
  receiver.answer = (res) => res.writeHead(503).end("come back later ".repeat(20));
  const { id: deliveryId } = await send<DeliveryView>(`webhooks/${id}/test`, {});
  await deliver();
  const { log, payload, ...shown } = await read<WholeDeliveryView>(
    `webhook-deliveries/${deliveryId}`,
  );
  const request = log[0]?.request;
  expect(request?.url).toBe(receiver.url);
  expect(new Webhook(secret).verify(payload, request?.headers ?? {})).toMatchObject({
    type: "webhook.test",
  });
  const lower = Object.entries(request?.headers ?? {}).map(([name, at]) => [
    name.toLowerCase(),
    at,
  ]);
  expect(receiver.received[0]?.headers).toMatchObject(Object.fromEntries(lower) as object);
  expect(shown).toMatchObject({ lastStatus: 503, lastMs: expect.any(Number) as number });
  expect(shown.lastAnswer).toBe("come back later ".repeat(20).slice(0, 120));
});

it("an attempt that came to no address kept no request", async () => {
  const receiver = await startReceiver();
  const { id } = await makeHook(receiver);
  await send(`webhooks/${id}/change`, { url: "http://nowhere.invalid/" }, 200);
  const { id: deliveryId } = await send<DeliveryView>(`webhooks/${id}/test`, {});
  await deliver();
  const { log } = await read<WholeDeliveryView>(`webhook-deliveries/${deliveryId}`);
  expect(log).toMatchObject([{ status: null, request: null }]);
});

it("deliveries are narrowed to an event and a time", async () => {
  const receiver = await startReceiver();
  const { id } = await makeHook(receiver);
  await send(`webhooks/${id}/test`, {});
  const count = async (filter: string) =>
    (await read<{ data: unknown[] }>(`webhooks/${id}/deliveries?${filter}`)).data.length;
  const now = Date.now();
  const at = (ms: number): string => new Date(now + ms).toISOString();
  expect(await count("event=webhook.test")).toBe(1);
  expect(await count("event=purchase.committed")).toBe(0);
  expect(await count(`from=${at(-60_000)}&to=${at(60_000)}`)).toBe(1);
  expect(await count(`from=${at(60_000)}`)).toBe(0);
  expect(await count(`to=${at(-60_000)}`)).toBe(0);
});

it("the old secret ends when somebody says so, and the new one goes on", async () => {
  const receiver = await startReceiver();
  const { id } = await makeHook(receiver);
  const rotated = await send<MadeView>(`webhooks/${id}/rotate`, { overlapSeconds: 3_600 }, 200);
  await send(`webhooks/${id}/test`, {});
  await deliver();
  expect(receiver.received).toHaveLength(1);
  const after = await send<EndpointView>(`webhooks/${id}/expire-old-secret`, {}, 200);
  expect(after.oldSecretUntil).toBeNull();
  await send(`webhooks/${id}/test`, {});
  await deliver();
  expect(receiver.refused).toHaveLength(1);
  receiver.secrets = [rotated.secret ?? ""];
  await send(`webhooks/${id}/test`, {});
  await deliver();
  expect(receiver.received).toHaveLength(2);
});

/** More than one request looks at. */
async function fill(endpointId: string, rows: number): Promise<void> {
  await query(
    api.database.db,
    `insert into webhook_deliveries (delivery_id, endpoint_id, event_id, tenant_id, kind, payload, state,
                                     attempts, counts_from, created_at)
     select gen_random_uuid(), $1, gen_random_uuid(), $2, 'webhook.test', '{}',
            case when n % 2 = 0 then 'failed' else 'delivered' end, 1, 0, now() - n * interval '1 second'
       from generate_series(1, $3::integer) n`,
    [endpointId, shop.tenantId, rows],
  );
}

it("what is more than a request looks at is gone on with by a worker, and says how far it is", async () => {
  const receiver = await startReceiver();
  const { id } = await makeHook(receiver);
  await fill(id, 1_200);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const begun = await send<RedeliveryView>(`webhooks/${id}/redeliver`, { since });
  expect(begun).toMatchObject({ state: "running", total: 1_200, seen: 500, redelivered: 250 });
  // What comes later is no part of it.
  await send(`webhooks/${id}/test`, {});
  const { db } = api.database;
  expect(await redeliverRunning({ db, tells: tellsNobody }, signal)).toBe(2);
  const done = await read<RedeliveryView>(`webhook-redeliveries/${begun.id}`);
  expect(done).toMatchObject({ state: "done", seen: 1_200, redelivered: 600 });
  expect(done.endedAt).not.toBeNull();
  expect(await redeliverRunning({ db, tells: tellsNobody }, signal)).toBe(0);
  const listed = await read<{ data: RedeliveryView[] }>(`webhooks/${id}/redeliveries`);
  expect(listed.data).toEqual([done]);
  expect((await verifyChain(db, shop.tenantId)).brokenAt).toBeUndefined();
  await send(`webhooks/${id}/disable`, {}, 200);
});

it("a redelivery that is stopped goes no further, also when it is stopped again", async () => {
  const receiver = await startReceiver();
  const { id } = await makeHook(receiver);
  await fill(id, 1_200);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const all = { since, delivered: true };
  const begun = await send<RedeliveryView>(`webhooks/${id}/redeliver`, all);
  expect(begun).toMatchObject({ state: "running", redelivered: 500 });
  const stop = () => send<RedeliveryView>(`webhook-redeliveries/${begun.id}/stop`, {}, 200);
  const stopped = await stop();
  expect(stopped).toMatchObject({ state: "stopped", seen: 500 });
  expect(await stop()).toEqual(stopped);
  const { db } = api.database;
  expect(await redeliverRunning({ db, tells: tellsNobody }, signal)).toBe(0);
  await send(`webhooks/${id}/disable`, {}, 200);
});

it("a redelivery whose entry cannot be written is no redelivery", async () => {
  const receiver = await startReceiver();
  const { id } = await makeHook(receiver);
  await fill(id, 10);
  const { db } = api.database;
  const taken = `alter table audit_entries add constraint no_redelivery
                   check (action <> 'webhook.redeliver') not valid`;
  await db.pool.query(taken);
  try {
    const body = { since: new Date(Date.now() - 3_600_000).toISOString() };
    await send(`webhooks/${id}/redeliver`, body, 500);
  } finally {
    await db.pool.query("alter table audit_entries drop constraint no_redelivery");
  }
  const { data } = await read<{ data: RedeliveryView[] }>(`webhooks/${id}/redeliveries`);
  expect(data).toEqual([]);
  const states = "select distinct state from webhook_deliveries where endpoint_id = $1";
  const found = await query<{ state: string }>(db, states, [id]);
  expect(found.map(({ state }) => state).sort()).toEqual(["delivered", "failed"]);
});
