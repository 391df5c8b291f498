import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyChain } from "../audit/verify-chain.ts";
import { makeLog } from "../base/log.ts";
import { readConfig } from "../base/config.ts";
import { tellsNobody } from "../live/announce.ts";
import { call, makeKey, post, sealingKeyOfTests, startApi, type TestApi } from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import {
  about,
  commitAsk,
  granted,
  makeShop,
  startKernel,
  type Shop,
} from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { makeWebhook, startReceiver } from "../testing/webhooks.ts";
import { deliverDue } from "./deliver.ts";
import { hearWhatWasMissed } from "./fan-out.ts";
import { kinds } from "./kinds.ts";

let api: TestApi;
let shop: Shop;
let key: string;
const scopes = ["webhooks:read", "webhooks:write"];
beforeAll(async () => {
  api = await startApi({ ZERORACE_WEBHOOK_TARGETS: "any" });
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, scopes);
});
afterAll(() => api.close());

let count = 0;
const send = async (path: string, body: object, idempotencyKey = `k${count++}`, by = key) =>
  post(api, `/v1/${path}`, body, { key: by, idempotencyKey });
const read = async (path: string, by = key) =>
  call(`${api.url}/v1/${path}`, { headers: { Authorization: `Bearer ${by}` } });
const idOf = ({ body }: { body: Readonly<Record<string, unknown>> }): string => String(body.id);

/** What a worker does. */
async function work(): Promise<void> {
  const { db } = api.database;
  const config = readConfig({
    ZERORACE_WEBHOOK_TARGETS: "any",
    ZERORACE_SEALING_KEY: sealingKeyOfTests,
  });
  const log = makeLog("test", { logLevel: "silent" });
  const { signal } = new AbortController();
  await hearWhatWasMissed(db, signal);
  await deliverDue({ config, log, metrics: db.metrics, db, tells: tellsNobody }, signal);
}

it("tells its secret once and keeps it sealed", async () => {
  const body = { url: "https://shop.example.com/hooks", events: ["purchase.committed"] };
  const made = await send("webhooks", body, "once");
  expect(made.status).toBe(201);
  const { secret, ...shown } = made.body;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(shown).toEqual({
    id: expect.any(String),
    ...body,
    description: "",
    state: "enabled",
    disabledReason: null,
    failingSince: null,
    oldSecretUntil: null,
    recent: [],
    createdAt: expect.any(String),
  });
  const again = await send("webhooks", body, "once");
  expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
  expect(again.body).toEqual(shown);
  expect((await read(`webhooks/${idOf(made)}`)).body).toEqual(shown);
  expect((await read("webhooks")).body.data).toEqual([shown]);
  const rows = await query(api.database.db, "select e::text as row from webhook_endpoints e");
  expect(JSON.stringify(rows)).not.toContain(String(secret).slice(6, 30));
  const reused = await send("webhooks", { ...body, events: [...kinds] }, "once");
  expect(`${reused.status} ${String(reused.body.code)}`).toBe("409 KEY_REUSED");
  const entries = await query(
    api.database.db,
    "select action, after from audit_entries where object_id = $1",
    [idOf(made)],
  );
  expect(entries).toEqual([{ action: "webhook.create", after: JSON.stringify(body) }]);
});

it("sends a purchase from commit to a receiver that verifies it, through a rotation of the secret", async () => {
  const receiver = await startReceiver();
  const made = await send("webhooks", { url: receiver.url });
  receiver.secrets = [String(made.body.secret)];
  const kernel = startKernel(api.database.db);
  const first = await granted(kernel.ask(commitAsk(shop)));
  await work();
  expect(receiver.received).toMatchObject([
    { id: first, event: { type: "purchase.committed", data: { purchaseId: first, sequence: 1 } } },
  ]);
  const rotated = await send(`webhooks/${idOf(made)}/rotate`, { overlapSeconds: 60 }, "rotate");
  expect(rotated.status).toBe(200);
  expect(rotated.body.oldSecretUntil).not.toBeNull();
  const again = await send(`webhooks/${idOf(made)}/rotate`, { overlapSeconds: 60 }, "rotate");
  expect(again.body).not.toHaveProperty("secret");
  await granted(kernel.ask(commitAsk(shop)));
  await work();
  receiver.secrets = [String(rotated.body.secret)];
  await granted(kernel.ask(commitAsk(shop)));
  await work();
  expect(receiver.received).toHaveLength(3);
  expect(receiver.refused).toEqual([]);
  await send(`webhooks/${idOf(made)}/rotate`, { overlapSeconds: 0 });
  await granted(kernel.ask(commitAsk(shop)));
  await work();
  expect(receiver.refused).toHaveLength(1);
});

it("tells what the webhooks were told about one purchase, to its tenant only", async () => {
  const { db } = api.database;
  const receiver = await startReceiver();
  const own = await makeShop(db);
  const [by, stranger] = [await makeKey(api, own, scopes), key];
  const made = await send("webhooks", { url: receiver.url }, "of-purchase", by);
  receiver.secrets = [String(made.body.secret)];
  const kernel = startKernel(db);
  const id = await granted(kernel.ask(commitAsk(own)));
  await granted(kernel.ask(commitAsk(own)));
  await granted(kernel.ask({ kind: "refund", ...about(own, id), amountMinor: 10n }));
  await work();
  const { body } = await read(`webhook-deliveries?purchaseId=${id}`, by);
  expect(body.data).toMatchObject([
    { event: "purchase.refunded", webhookId: idOf(made), state: "delivered", lastStatus: 204 },
    { event: "purchase.committed", eventId: id, state: "delivered", attempts: 1 },
  ]);
  const refusals = [
    await read(`webhook-deliveries?purchaseId=${id}`, stranger),
    await read("webhook-deliveries?purchaseId=01a1f993-84cc-7a17-85e2-7d51c3a2ba32", by),
    await read("webhook-deliveries", by),
  ];
  expect(refusals.map(({ status }) => status)).toEqual([403, 404, 422]);
});

it("shows how a delivery went, and sends it again, one or all since", async () => {
  const receiver = await startReceiver();
  const made = await send("webhooks", { url: receiver.url });
  const id = idOf(made);
  receiver.secrets = [String(made.body.secret)];
  receiver.answer = (res) => res.writeHead(500, {}).end("<b>no</b>");
  const since = new Date(Date.now() - 60_000).toISOString();
  const test = await send(`webhooks/${id}/test`, {}, "test");
  expect(test.body).toMatchObject({ event: "webhook.test", state: "pending", attempts: 0 });
  expect(idOf(await send(`webhooks/${id}/test`, {}, "test"))).toBe(idOf(test));
  await work();
  const one = `webhook-deliveries/${idOf(test)}`;
  const shown = (await read(one)).body;
  expect(shown).toMatchObject({
    webhookId: id,
    state: "pending",
    attempts: 1,
    lastStatus: 500,
    log: [{ attempt: 1, status: 500, fault: null, answer: "<b>no</b>" }],
  });
  expect(JSON.parse(String(shown.payload))).toMatchObject({ type: "webhook.test" });
  receiver.answer = (res) => res.writeHead(204).end();
  expect((await send(`${one}/redeliver`, {})).body).toMatchObject({ state: "pending" });
  await work();
  expect((await read(one)).body).toMatchObject({ state: "delivered", attempts: 2 });

  await send(`webhooks/${id}/disable`, {});
  const kernel = startKernel(api.database.db);
  for (let n = 0; n < 3; n++) await granted(kernel.ask(commitAsk(shop)));
  await work();
  expect(receiver.received).toHaveLength(2);
  const refused = await send(`webhooks/${id}/redeliver`, { since });
  expect(`${refused.status} ${String(refused.body.code)}`).toBe("409 WEBHOOK_DISABLED");
  expect((await read(`webhooks/${id}/deliveries?state=skipped`)).body.data).toHaveLength(3);
  await send(`webhooks/${id}/enable`, {});
  await work();
  expect(receiver.received).toHaveLength(2);
  const again = (await send(`webhooks/${id}/redeliver`, { since }, "again")).body;
  expect(again).toMatchObject({ state: "done", total: 4, seen: 4, redelivered: 3 });
  expect((await send(`webhooks/${id}/redeliver`, { since }, "again")).body).toEqual(again);
  await work();
  expect(receiver.received).toHaveLength(5);
  expect((await send(`webhooks/${id}/redeliver`, { since })).body).toMatchObject({
    redelivered: 0,
  });
  const all = await send(`webhooks/${id}/redeliver`, { since, delivered: true });
  expect(all.body).toMatchObject({ seen: 4, redelivered: 4 });
  await work();
  expect(new Set(receiver.received.map((received) => received.id)).size).toBe(4);
  expect(receiver.received).toHaveLength(9);
  const page = (await read(`webhooks/${id}/deliveries?limit=3`)).body;
  const next = await read(`webhooks/${id}/deliveries?limit=3&cursor=${String(page.nextCursor)}`);
  expect([page.data, next.body.data].map((rows) => (rows as unknown[]).length)).toEqual([3, 1]);
  expect((await verifyChain(api.database.db, shop.tenantId)).brokenAt).toBeUndefined();
});

it("changes what is named and nothing else, and is gone when it is deleted", async () => {
  const made = await send("webhooks", { url: "https://a.example.com/", description: "ours" });
  const path = `webhooks/${idOf(made)}`;
  const change = async (body: object) => (await send(`${path}/change`, body)).body;
  expect(await change({ events: ["purchase.held"] })).toMatchObject({
    url: "https://a.example.com/",
    description: "ours",
    events: ["purchase.held"],
  });
  expect(await change({ url: "https://b.example.com/" })).toMatchObject({
    url: "https://b.example.com/",
    events: ["purchase.held"],
  });
  expect(await change({ events: null })).toMatchObject({ events: null, description: "ours" });
  expect(await change({ description: null })).toMatchObject({ events: null, description: "" });
  const gone = await call(`${api.url}/v1/${path}`, {
    method: "DELETE",
    headers: { Authorization: `Bearer ${key}` },
  });
  expect(gone.status).toBe(200);
  expect((await read(path)).body.code).toBe("UNKNOWN_WEBHOOK");
});

it("shows every kind of event with a body as it is sent", async () => {
  const { body } = await read("webhook-events");
  const data = body.data as { event: string; sample: string }[];
  expect(data.map(({ event }) => event)).toEqual([...kinds, "webhook.test"]);
  for (const { event, sample } of data) expect(JSON.parse(sample)).toMatchObject({ type: event });
});

it("takes twenty for a tenant, also when they are made at once", async () => {
  const other = await makeShop(api.database.db);
  const by = await makeKey(api, other, scopes);
  for (let n = 0; n < 17; n++) await makeWebhook(api.database.db, other);
  const body = { url: "https://shop.example.com/" };
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, n) => send("webhooks", body, `many${n}`, by)),
  );
  expect(made.filter(({ status }) => status === 201)).toHaveLength(3);
  expect(made.filter(({ body: { code } }) => code === "TOO_MANY_WEBHOOKS")).toHaveLength(5);
});

const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";

it.each([
  ["webhooks", {}, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "" }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: 1 }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "file:///etc/passwd" }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "https://a:b@example.com/" }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "https://e.com/\0" }, "422 INVALID_CHARACTER"],
  ["webhooks", { url: `https://e.com/${"a".repeat(2_000)}` }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "https://e.com/", events: [] }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "https://e.com/", events: ["*"] }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "https://e.com/", events: ["webhook.test"] }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "https://e.com/", secret: "whsec_mine" }, "422 VALIDATION_FAILED"],
  ["webhooks", { url: "https://e.com/", description: "a\nb" }, "422 VALIDATION_FAILED"],
  [`webhooks/${nobody}/change`, { url: "https://e.com/" }, "404 UNKNOWN_WEBHOOK"],
  ["webhooks/x/enable", {}, "404 UNKNOWN_WEBHOOK"],
  [`webhooks/${nobody}/disable`, {}, "404 UNKNOWN_WEBHOOK"],
  [`webhooks/${nobody}/rotate`, {}, "404 UNKNOWN_WEBHOOK"],
  [`webhooks/${nobody}/rotate`, { overlapSeconds: -1 }, "422 VALIDATION_FAILED"],
  [`webhooks/${nobody}/rotate`, { overlapSeconds: 604_801 }, "422 VALIDATION_FAILED"],
  [`webhooks/${nobody}/test`, {}, "404 UNKNOWN_WEBHOOK"],
  [`webhooks/${nobody}/test`, { event: "x" }, "422 VALIDATION_FAILED"],
  [`webhooks/${nobody}/redeliver`, {}, "422 VALIDATION_FAILED"],
  [`webhooks/${nobody}/redeliver`, { since: "yesterday" }, "422 VALIDATION_FAILED"],
  [`webhooks/${nobody}/expire-old-secret`, {}, "404 UNKNOWN_WEBHOOK"],
  [`webhook-redeliveries/${nobody}/stop`, {}, "404 UNKNOWN_REDELIVERY"],
  [`webhook-deliveries/${nobody}/redeliver`, {}, "404 UNKNOWN_DELIVERY"],
  ["webhook-deliveries/x/redeliver", {}, "404 UNKNOWN_DELIVERY"],
])("refuses %s %j with %s and writes nothing", async (path, body, expected) => {
  const before = await countEveryRow(api.database.db);
  const reply = await send(path, body);
  expect(`${reply.status} ${String(reply.body.code)}`).toBe(expected);
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it("refuses what leads to this network, where that is not allowed", async () => {
  const guarded = await startApi();
  try {
    const by = await makeKey(guarded, await makeShop(guarded.database.db), scopes);
    for (const url of ["http://127.0.0.1/", "https://[::ffff:7f00:1]/", "https://intranet/"]) {
      const reply = await post(guarded, "/v1/webhooks", { url }, { key: by, idempotencyKey: "k" });
      expect(reply.body).toMatchObject({ status: 422, errors: [{ pointer: "/url" }] });
    }
  } finally {
    await guarded.close();
  }
});
