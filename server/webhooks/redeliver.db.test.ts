import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { transact } from "../db/transact.ts";
import { tellsNobody } from "../live/announce.ts";
import { sealingKeyOfTests } from "../testing/api.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { makeShop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import {
  makeWebhook,
  startReceiver,
  type MadeWebhook,
  type Receiver,
} from "../testing/webhooks.ts";
import { deliverDue, type Courier } from "./deliver.ts";
import { beginRedelivery, redeliverSome } from "./redeliveries/store.ts";

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

const go = (): Promise<number> => deliverDue(courier, new AbortController().signal);

type Hooked = MadeWebhook & { readonly tenantId: string };

async function hook(receiver: Receiver): Promise<Hooked> {
  const { tenantId } = await makeShop(database.db);
  const made = await makeWebhook(database.db, { tenantId }, receiver.url);
  receiver.secrets.push(made.secret);
  return { ...made, tenantId };
}

/** As the operator of a receiver that is well again sends it all again. */
async function redeliverAll({ webhookId: endpointId, tenantId }: Hooked): Promise<void> {
  const redeliveryId = database.db.dialect.newId();
  const since = "2026-01-01T00:00:00Z";
  await transact(database.db, "redeliver", async (tx) => {
    await beginRedelivery(tx, { redeliveryId, endpointId, tenantId, since, delivered: false });
    await redeliverSome(tx, redeliveryId);
  });
}

async function stateOf({ deliveryId }: Hooked) {
  const text = `select state, attempts, counts_from as "countsFrom", due_at <= now() as "isDue"
                  from webhook_deliveries where delivery_id = $1`;
  return (await query<Record<string, unknown>>(database.db, text, [deliveryId]))[0];
}

it("what waits hours for its next attempt is sent again with what was given up", async () => {
  const receiver = await startReceiver();
  const hooked = await hook(receiver);
  receiver.answer = (res) => res.writeHead(503, { "Retry-After": "36000" }).end();
  await go();
  expect(await stateOf(hooked)).toMatchObject({ state: "pending", attempts: 1, isDue: false });
  await redeliverAll(hooked);
  expect(await stateOf(hooked)).toMatchObject({ attempts: 1, countsFrom: 1, isDue: true });
  receiver.answer = (res) => res.writeHead(204).end();
  await go();
  expect(await stateOf(hooked)).toMatchObject({ state: "delivered", attempts: 2 });
});

it("an attempt that was under way when it was to be sent again does not put it off", async () => {
  const receiver = await startReceiver();
  const hooked = await hook(receiver);
  let asked = 0;
  receiver.answer = (res) => {
    if (++asked > 1) return res.writeHead(204).end();
    return void redeliverAll(hooked).then(() =>
      res.writeHead(503, { "Retry-After": "36000" }).end(),
    );
  };
  await go();
  expect(await stateOf(hooked)).toMatchObject({ state: "delivered", attempts: 2 });
  expect(asked).toBe(2);
});

it("what one endpoint is owed is sent in one go, however much it is", async () => {
  const receiver = await startReceiver();
  const { webhookId, tenantId } = await hook(receiver);
  await query(
    database.db,
    `insert into webhook_deliveries (delivery_id, endpoint_id, event_id, tenant_id, kind, payload, state,
                                     attempts, counts_from)
     select gen_random_uuid(), $1, gen_random_uuid(), $2, 'webhook.test', '{}', 'pending', 0, 0
       from generate_series(1, 150)`,
    [webhookId, tenantId],
  );
  expect(await go()).toBe(151);
  expect(receiver.received).toHaveLength(151);
});
