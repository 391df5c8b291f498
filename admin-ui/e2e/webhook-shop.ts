import { readConfig } from "../../server/base/config.ts";
import { makeLog } from "../../server/base/log.ts";
import { tellsNobody } from "../../server/live/announce.ts";
import { sealingKeyOfTests } from "../../server/testing/api.ts";
import { startReceiver } from "../../server/testing/webhooks.ts";
import { deliverDue } from "../../server/webhooks/deliver.ts";
import { hearWhatWasMissed } from "../../server/webhooks/fan-out.ts";
import type { DeliveryView, MadeView } from "../../server/webhooks/wire.ts";
import type { Stage } from "./harness.ts";
import { buy, makeOwnShop } from "./shop.ts";

/** Webhooks in each of their states; made once for a stage. */
export interface WebhookShop {
  readonly healthyId: string;
  readonly failingId: string;
  readonly goneId: string;
  readonly pausedId: string;
  /** Deliveries. */
  readonly delivered: string;
  readonly retried: string;
}

export const evilAnswer = `<img src=x onerror="document.title='owned'">`;

const made = new WeakMap<Stage, Promise<WebhookShop>>();

export function webhookShop(stage: Stage): Promise<WebhookShop> {
  const known = made.get(stage) ?? fill(stage);
  made.set(stage, known);
  return known;
}

/** What a worker does in a moment. */
async function deliver(stage: Stage): Promise<void> {
  const { db } = stage.api.database;
  const config = readConfig({
    ZERORACE_WEBHOOK_TARGETS: "any",
    ZERORACE_SEALING_KEY: sealingKeyOfTests,
  });
  const log = makeLog("test", { logLevel: "silent" });
  const { signal } = new AbortController();
  await hearWhatWasMissed(db, signal);
  await deliverDue({ config, log, metrics: db.metrics, db, tells: tellsNobody }, signal);
}

async function fill(stage: Stage): Promise<WebhookShop> {
  const receiver = await startReceiver();
  const make = async (path: string, description: string): Promise<string> => {
    const url = receiver.url.replace("/hooks", path);
    const made = await stage.call<MadeView>("POST", "/v1/webhooks", { url, description });
    receiver.secrets.push(made.secret ?? "");
    return made.id;
  };
  const test = (id: string) => stage.call<DeliveryView>("POST", `/v1/webhooks/${id}/test`, {});
  const pausedId = await make("/old", "The warehouse before the move");
  await stage.call("POST", `/v1/webhooks/${pausedId}/disable`, {});
  const goneId = await make("/gone", "A campaign that is over");
  const failingId = await make("/ledger", "Books each sale");
  receiver.answer = (res, { path }) => {
    if (path === "/gone") res.writeHead(410).end("nobody lives here");
    else if (path === "/ledger") res.writeHead(500).end(`{"error":"no connection"} ${evilAnswer}`);
    else res.writeHead(204).end();
  };
  await test(goneId);
  const retried = (await test(failingId)).id;
  await deliver(stage);
  const again = "update webhook_deliveries set due_at = now() where delivery_id = $1";
  await stage.api.database.db.pool.query(again, [retried]);
  await deliver(stage);
  const healthyId = await make("/hooks", "Ships what was sold");
  await stage.call("POST", `/v1/webhooks/${healthyId}/rotate`, { overlapSeconds: 86_400 });
  const shop = await makeOwnShop(stage, "HOOK-1");
  for (let n = 0; n < 12; n++) await buy(stage, shop, (n % 3) + 1);
  await deliver(stage);
  const path = `/v1/webhooks/${healthyId}/deliveries?limit=1`;
  const { data } = await stage.call<{ data: DeliveryView[] }>("GET", path);
  const delivered = data[0]?.id ?? "";
  return { healthyId, failingId, goneId, pausedId, delivered, retried };
}
