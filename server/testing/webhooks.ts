import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { onTestFinished } from "vitest";
import { seal } from "../base/seal.ts";
import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import { oweTest } from "../webhooks/deliveries.ts";
import { createEndpoint } from "../webhooks/endpoints.ts";
import { beginRedelivery, redeliverSome } from "../webhooks/redeliveries/store.ts";
import { newSecret } from "../webhooks/signature.ts";
import { sealingKeyOfTests } from "./api.ts";
import type { Shop } from "./factories.ts";

export interface MadeWebhook {
  readonly webhookId: string;
  readonly deliveryId: string;
  readonly redeliveryId: string;
  readonly secret: string;
}

/** An endpoint that is owed a test event, and of which nothing is to be sent again. */
export async function makeWebhook(
  db: Db,
  { tenantId }: Pick<Shop, "tenantId">,
  url = "https://shop.example.com/hooks",
): Promise<MadeWebhook> {
  const newId = () => db.dialect.newId();
  const [webhookId, deliveryId, redeliveryId] = [newId(), newId(), newId()];
  const secret = newSecret();
  const sealedSecret = seal(Buffer.from(sealingKeyOfTests, "base64"), secret, webhookId);
  const texts = { url, description: "", kinds: "*", sealedSecret };
  await transact(db, "make_webhook", async (tx) => {
    await createEndpoint(tx, { endpointId: webhookId, tenantId, ...texts });
    const of = { endpointId: webhookId, tenantId };
    await oweTest(tx, { deliveryId, ...of });
    await beginRedelivery(tx, {
      redeliveryId,
      ...of,
      since: "2026-01-01T00:00:00Z",
      delivered: false,
    });
    await redeliverSome(tx, redeliveryId);
  });
  return { webhookId, deliveryId, redeliveryId, secret };
}

const webhook = (body?: object) => () => ({ id: "webhookId", ...(body && { body }) }) as const;
const redelivery = (body?: object) => () =>
  ({ id: "redeliveryId", ...(body && { body }) }) as const;
const delivery = (body?: object) => () => ({ id: "deliveryId", ...(body && { body }) }) as const;

/** What the owner of a webhook would send with success, by route. */
export const webhookExamples = {
  "get /v1/webhook-events": () => ({}),
  "post /v1/webhooks": () => ({ body: { url: "https://shop.example.com/hooks" } }),
  "get /v1/webhooks": () => ({}),
  "get /v1/webhooks/:id": webhook(),
  "post /v1/webhooks/:id/change": webhook({ url: "https://shop.example.com/others" }),
  "post /v1/webhooks/:id/enable": webhook({}),
  "post /v1/webhooks/:id/disable": webhook({}),
  "post /v1/webhooks/:id/rotate": webhook({ overlapSeconds: 5 }),
  "post /v1/webhooks/:id/expire-old-secret": webhook({}),
  "delete /v1/webhooks/:id": webhook(),
  "post /v1/webhooks/:id/test": webhook({}),
  "get /v1/webhooks/:id/deliveries": webhook(),
  "post /v1/webhooks/:id/redeliver": webhook({ since: "2026-01-01T00:00:00Z" }),
  "get /v1/webhooks/:id/redeliveries": webhook(),
  "get /v1/webhook-redeliveries/:id": redelivery(),
  "post /v1/webhook-redeliveries/:id/stop": redelivery({}),
  "get /v1/webhook-deliveries": ({ purchaseId }: { readonly purchaseId: string }) => ({
    query: `?purchaseId=${purchaseId}`,
  }),
  "get /v1/webhook-deliveries/:id": delivery(),
  "post /v1/webhook-deliveries/:id/redeliver": delivery({}),
};

export interface Received {
  readonly id: string;
  readonly headers: IncomingMessage["headers"];
  readonly path: string;
  readonly body: string;
  readonly event: { type: string; timestamp: string; data: Record<string, unknown> };
}

type Answer = (res: ServerResponse, received: Received) => void;

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** What was verified with the public library, by any of the secrets. */
  readonly received: Received[];
  /** What was not. */
  readonly refused: string[];
  secrets: string[];
  answer: Answer;
}

/** As a shop would write one: with the public library, answering 204 to what it can verify. */
export async function startReceiver(secrets: string[] = []): Promise<Receiver> {
  const server = createServer((req, res) => void take(req, res));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hooks`,
    port,
    received: [],
    refused: [],
    secrets,
    answer: (res) => res.writeHead(204).end(),
  };
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    let body = "";
    for await (const part of req) body += String(part);
    const event = verified(receiver.secrets, body, req.headers);
    if (!event) {
      receiver.refused.push(body);
      res.writeHead(401).end("the signature is wrong");
      return;
    }
    const { headers, url: path = "" } = req;
    const one = { id: String(headers["webhook-id"]), headers, path, body, event };
    receiver.received.push(one);
    receiver.answer(res, one);
  };
  return receiver;
}

function verified(
  secrets: readonly string[],
  body: string,
  headers: IncomingMessage["headers"],
): Received["event"] | undefined {
  for (const secret of secrets) {
    try {
      const flat = headers as Record<string, string>;
      return new Webhook(secret).verify(body, flat) as Received["event"];
    } catch {
      // Another of the secrets may fit.
    }
  }
  return undefined;
}
