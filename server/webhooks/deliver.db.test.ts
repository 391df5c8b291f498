import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { verifyChain } from "../audit/verify-chain.ts";
import { readConfig, type Config } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { sealingKeyOfTests } from "../testing/api.ts";
import { tellsNobody } from "../live/announce.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { makeShop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { makeWebhook, startReceiver, type Receiver } from "../testing/webhooks.ts";
import { deliverDue, type Courier, type DeliverOptions } from "./deliver.ts";
import { readOverdueSeconds } from "./due.ts";

let database: TestDatabase;
let courier: Courier;
beforeAll(async () => {
  database = await freshDatabase();
  const { db } = database;
  const config = readConfig({
    ZERORACE_SEALING_KEY: sealingKeyOfTests,
    ZERORACE_WEBHOOK_TARGETS: "any",
  });
  const log = makeLog("test", { logLevel: "silent" });
  courier = { config, log, metrics: db.metrics, db, tells: tellsNobody };
});
afterAll(() => database.close());

const go = (options: DeliverOptions = {}, config: Partial<Config> = {}): Promise<number> => {
  const changed = { ...courier, config: { ...courier.config, ...config } };
  return deliverDue(changed, new AbortController().signal, options);
};

interface Row {
  readonly state: string;
  readonly attempts: number;
  readonly inSeconds: number;
}

async function row(deliveryId: string): Promise<Row> {
  const [found] = await query<Row>(
    database.db,
    `select state, attempts, extract(epoch from due_at - now())::float8 as "inSeconds"
       from webhook_deliveries where delivery_id = $1`,
    [deliveryId],
  );
  if (!found) throw new Error("the delivery is gone");
  return found;
}

const log = (deliveryId: string) =>
  query<{ status: number | null; fault: string | null; answer: string }>(
    database.db,
    "select status, fault, answer from webhook_attempts where delivery_id = $1 order by attempt",
    [deliveryId],
  );

async function makeDue(deliveryId: string): Promise<void> {
  const text = "update webhook_deliveries set due_at = now() where delivery_id = $1";
  await query(database.db, text, [deliveryId]);
}

const endpoint = async (webhookId: string) => {
  const text = `select state, disabled_reason as reason, failing_since is not null as failing
                  from webhook_endpoints where endpoint_id = $1`;
  return (await query(database.db, text, [webhookId]))[0];
};

/** An endpoint of a tenant of its own that leads to the receiver. */
async function hook(receiver: Receiver, url = receiver.url) {
  const { tenantId } = await makeShop(database.db);
  const made = await makeWebhook(database.db, { tenantId }, url);
  receiver.secrets.push(made.secret);
  return { ...made, tenantId };
}

it("what is delivered is verified by the public library, and is delivered once", async () => {
  const receiver = await startReceiver();
  const { deliveryId } = await hook(receiver);
  expect(await go()).toBe(1);
  expect(await go()).toBe(0);
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]).toMatchObject({ id: deliveryId, event: { type: "webhook.test" } });
  expect(await row(deliveryId)).toMatchObject({ state: "delivered", attempts: 1 });
  expect(await log(deliveryId)).toEqual([{ status: 204, fault: null, answer: "" }]);
});

it("a secret of before signs beside the new one, and no longer than it should", async () => {
  const receiver = await startReceiver();
  const { webhookId, deliveryId } = await hook(receiver);
  const both = `update webhook_endpoints set old_secret = secret,
                       old_secret_until = now() + $2 * interval '1 hour' where endpoint_id = $1`;
  await query(database.db, both, [webhookId, 1]);
  await go();
  const signatures = (): number =>
    String(receiver.received.at(-1)?.headers["webhook-signature"]).split(" ").length;
  expect(signatures()).toBe(2);
  await query(database.db, both, [webhookId, -1]);
  await query(
    database.db,
    "update webhook_deliveries set state = 'pending' where delivery_id = $1",
    [deliveryId],
  );
  await go();
  expect(signatures()).toBe(1);
  expect(receiver.refused).toEqual([]);
});

it("an attempt that fails is made again, with the same id and another time, until it succeeds", async () => {
  const receiver = await startReceiver();
  const { webhookId, deliveryId } = await hook(receiver);
  receiver.answer = (res) => res.writeHead(500).end("out of\0 order");
  await go();
  const first = await row(deliveryId);
  expect(first).toMatchObject({ state: "pending", attempts: 1 });
  expect(first.inSeconds).toBeGreaterThan(2);
  expect(first.inSeconds).toBeLessThan(7);
  expect(await endpoint(webhookId)).toEqual({ state: "enabled", reason: null, failing: true });
  await makeDue(deliveryId);
  await go();
  expect((await row(deliveryId)).inSeconds).toBeGreaterThan(200);
  receiver.answer = (res) => res.writeHead(200).end("thanks");
  await makeDue(deliveryId);
  // Seconds are what the timestamp counts in.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2_000 });
  try {
    await go();
  } finally {
    vi.useRealTimers();
  }
  expect(await row(deliveryId)).toMatchObject({ state: "delivered", attempts: 3 });
  expect(await log(deliveryId)).toEqual([
    { status: 500, fault: null, answer: "out of order" },
    { status: 500, fault: null, answer: "out of order" },
    { status: 200, fault: null, answer: "thanks" },
  ]);
  expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set([deliveryId]));
  const times = receiver.received.map(({ headers }) => Number(headers["webhook-timestamp"]));
  expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(2);
  expect(await endpoint(webhookId)).toEqual({ state: "enabled", reason: null, failing: false });
});

it("tells for how long the one that waits longest has been due", async () => {
  const { deliveryId } = await hook(await startReceiver());
  const text = `update webhook_deliveries set due_at = now() - interval '90 seconds'
                 where delivery_id = $1`;
  await query(database.db, text, [deliveryId]);
  expect(await readOverdueSeconds(database.db)).toBeCloseTo(90, -1);
  await go();
  expect(await readOverdueSeconds(database.db)).toBeLessThan(80);
});

it("after ten attempts it is given up", async () => {
  const receiver = await startReceiver();
  const { deliveryId } = await hook(receiver);
  receiver.answer = (res) => res.writeHead(503).end();
  for (let n = 1; n <= 12; n++) {
    await go();
    await makeDue(deliveryId);
  }
  expect(await row(deliveryId)).toMatchObject({ state: "failed", attempts: 10 });
  expect(receiver.received).toHaveLength(10);
});

it("a receiver that asks for time gets it", async () => {
  const receiver = await startReceiver();
  const { deliveryId } = await hook(receiver);
  receiver.answer = (res) => res.writeHead(429, { "Retry-After": "600" }).end();
  await go();
  const { inSeconds } = await row(deliveryId);
  expect(inSeconds).toBeGreaterThan(590);
  expect(inSeconds).toBeLessThan(601);
});

it("a receiver that is gone for good is asked no more, and its tenant is told", async () => {
  const receiver = await startReceiver();
  const { webhookId, deliveryId, tenantId } = await hook(receiver);
  receiver.answer = (res) => res.writeHead(410).end();
  await go();
  expect(await endpoint(webhookId)).toMatchObject({ state: "disabled", reason: "gone" });
  expect(await row(deliveryId)).toMatchObject({ state: "failed" });
  const notice = "select action, actor_kind, reason from audit_entries where tenant_id = $1";
  expect(await query(database.db, notice, [tenantId])).toEqual([
    { action: "webhook.disable", actor_kind: "system", reason: "The receiver answered 410 Gone." },
  ]);
  expect((await verifyChain(database.db, tenantId)).brokenAt).toBeUndefined();
});

it("one that fails for days is disabled, and its tenant is told; one that succeeds now and then is not", async () => {
  const receiver = await startReceiver();
  const { webhookId, deliveryId, tenantId } = await hook(receiver);
  receiver.answer = (res) => res.writeHead(500).end();
  const failingFor = (days: number) =>
    query(
      database.db,
      "update webhook_endpoints set failing_since = now() - $2 * interval '1 day' where endpoint_id = $1",
      [webhookId, days],
    );
  await failingFor(4.9);
  await go();
  expect(await endpoint(webhookId)).toMatchObject({ state: "enabled" });
  await failingFor(5.1);
  await makeDue(deliveryId);
  await go();
  expect(await endpoint(webhookId)).toMatchObject({ state: "disabled", reason: "failing" });
  const notice = "select reason from audit_entries where tenant_id = $1";
  expect(await query(database.db, notice, [tenantId])).toEqual([
    { reason: "No delivery has succeeded for 5 days." },
  ]);
  await makeDue(deliveryId);
  expect(await go()).toBe(0);
});

it("a redirect is not followed and is a failure", async () => {
  const [receiver, elsewhere] = [await startReceiver(), await startReceiver()];
  const { deliveryId } = await hook(receiver);
  elsewhere.secrets = receiver.secrets;
  receiver.answer = (res) => res.writeHead(307, { Location: elsewhere.url }).end();
  await go();
  expect(elsewhere.received).toEqual([]);
  expect(await row(deliveryId)).toMatchObject({ state: "pending" });
  expect(await log(deliveryId)).toMatchObject([{ status: 307 }]);
});

it("nothing is sent to this network, whatever the URL or the name says by then", async () => {
  const receiver = await startReceiver();
  const literal = await hook(receiver, `https://[::ffff:127.0.0.1]:8443/`);
  const named = await hook(receiver, `https://shop.example.com/hooks`);
  let asked = 0;
  // Public when the webhook was made, ours when it is delivered to.
  const resolve = async () => [["127.0.0.1"], ["8.8.8.8", "169.254.169.254"]][asked++ % 2] ?? [];
  await go({ resolve }, { webhookTargets: "public" });
  expect(await log(literal.deliveryId)).toEqual([
    { status: null, fault: "the URL must lead to a public address", answer: "" },
  ]);
  const refused = {
    status: null,
    fault: "the name leads to an address that is not public",
    answer: "",
  };
  expect(await log(named.deliveryId)).toEqual([refused]);
  await makeDue(named.deliveryId);
  await go({ resolve }, { webhookTargets: "public" });
  expect(await log(named.deliveryId)).toEqual([refused, refused]);
  expect(asked).toBe(2);
  expect(receiver.received).toEqual([]);
  expect(receiver.refused).toEqual([]);
});

it("a name is looked up once, and the connection goes to the address that was judged", async () => {
  const receiver = await startReceiver();
  const { deliveryId } = await hook(receiver, `http://shop.test:${receiver.port}/hooks?a=1`);
  const asked: string[] = [];
  const resolve = async (name: string) => {
    asked.push(name);
    return ["127.0.0.1"];
  };
  await go({ resolve });
  expect(asked).toEqual(["shop.test"]);
  expect(await row(deliveryId)).toMatchObject({ state: "delivered" });
  expect(receiver.received[0]).toMatchObject({
    path: "/hooks?a=1",
    headers: { host: `shop.test:${receiver.port}`, "content-type": "application/json" },
  });
});

it("a receiver that says nothing, or never ends, costs its time limit and a kilobyte", async () => {
  const receiver = await startReceiver();
  const silent = await hook(receiver);
  receiver.answer = () => undefined;
  await go({ timeoutMs: 300 });
  expect(await log(silent.deliveryId)).toMatchObject([{ fault: "no answer within 0.3 seconds" }]);
  const endless = await hook(receiver);
  receiver.answer = (res) => {
    res.writeHead(200);
    const timer = setInterval(() => res.write("x".repeat(100_000)), 1);
    res.once("close", () => clearInterval(timer));
  };
  const startedAt = performance.now();
  await go();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  const [{ status, answer } = { status: 0, answer: "" }] = await log(endless.deliveryId);
  expect({ status, bytes: answer.length }).toEqual({ status: 200, bytes: 1_024 });
});

it("a slow receiver keeps nobody waiting but itself", async () => {
  const [slow, quick] = [await startReceiver(), await startReceiver()];
  const waiting: (() => void)[] = [];
  const { deliveryId } = await hook(slow);
  slow.answer = (res) => waiting.push(() => res.writeHead(204).end());
  const going = go();
  await expect.poll(() => waiting.length, { timeout: 5_000 }).toBe(1);
  const late = await hook(quick);
  await expect
    .poll(async () => (await row(late.deliveryId)).state, { timeout: 5_000 })
    .toBe("delivered");
  expect((await row(deliveryId)).state).toBe("pending");
  waiting.forEach((end) => end());
  await going;
  expect((await row(deliveryId)).state).toBe("delivered");
});

it("what a worker took on and did not end is due again, and two workers deliver it once", async () => {
  const receiver = await startReceiver();
  const stopped = new AbortController();
  const { deliveryId } = await hook(receiver);
  receiver.answer = () => stopped.abort();
  await deliverDue(courier, stopped.signal);
  const { state, attempts, inSeconds } = await row(deliveryId);
  expect({ state, attempts }).toEqual({ state: "pending", attempts: 1 });
  expect(inSeconds).toBeGreaterThan(15);
  expect(inSeconds).toBeLessThan(61);
  expect(await log(deliveryId)).toEqual([]);
  receiver.answer = (res) => res.writeHead(204).end();
  receiver.received.length = 0;
  await makeDue(deliveryId);
  await Promise.all([go(), go(), go()]);
  expect(receiver.received).toHaveLength(1);
});

it("a secret that was sealed with another key is told, and nothing is sent unsigned", async () => {
  const receiver = await startReceiver();
  const { deliveryId } = await hook(receiver);
  await go({}, { sealingKey: Buffer.alloc(32, "x") });
  expect((await log(deliveryId))[0]?.fault).toContain("ZERORACE_SEALING_KEY");
  expect(receiver.received.length + receiver.refused.length).toBe(0);
});
