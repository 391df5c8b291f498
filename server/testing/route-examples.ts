import { randomUUID } from "node:crypto";
import { importExamples } from "./imports.ts";
import { webhookExamples } from "./webhooks.ts";

export interface Ids {
  readonly merchantId: string;
  readonly itemId: string;
  readonly mandateId: string;
  readonly purchaseId: string;
  readonly holdId: string;
  readonly keyId: string;
  readonly webhookId: string;
  readonly deliveryId: string;
  readonly redeliveryId: string;
  readonly requestId: string;
  readonly runId: string;
  readonly importId: string;
  readonly checkedImportId: string;
  readonly doneImportId: string;
}

export interface Example {
  readonly id?: keyof Ids;
  /** What stands in the path where that is no id of a thing. */
  readonly at?: string;
  readonly query?: string;
  readonly body?: object;
  /** Sent as text/csv. */
  readonly file?: string;
}

const buying = ({ merchantId, itemId, mandateId }: Ids) => ({
  merchantId,
  itemId,
  mandateId,
  agentId: "agent",
  quantity: 1,
  amountMinor: 100,
  currency: "USD",
});
const ofHold = ({ merchantId }: Ids) => ({ id: "holdId", body: { merchantId } }) as const;
const item = (body?: object) => () => ({ id: "itemId", ...(body && { body }) }) as const;
const apiKey = (body?: object) => () => ({ id: "keyId", ...(body && { body }) }) as const;
const mandate = (body?: object) => () => ({ id: "mandateId", ...(body && { body }) }) as const;

/** What the owner of these ids would send with success. */
export const examples: Readonly<Record<string, (ids: Ids) => Example>> = {
  "post /v1/purchases/commit": (ids) => ({ body: buying(ids) }),
  "post /v1/purchases/commit-many": (ids) => ({
    body: { asks: [{ ...buying(ids), idempotencyKey: randomUUID() }] },
  }),
  "post /v1/purchases/quote": (ids) => ({ body: buying(ids) }),
  "post /v1/purchases/:id/refunds": ({ merchantId }) => ({
    id: "purchaseId",
    body: { merchantId, amountMinor: 1 },
  }),
  "get /v1/purchases": ({ merchantId, mandateId, itemId }) => ({
    query: `?merchantId=${merchantId}&mandateId=${mandateId}&itemId=${itemId}`,
  }),
  "get /v1/purchases/:id": () => ({ id: "purchaseId" }),
  "get /v1/purchases/:id/history": () => ({ id: "purchaseId" }),
  "post /v1/holds": (ids) => ({ body: { ...buying(ids), holdSeconds: 60 } }),
  "post /v1/holds/:id/capture": ofHold,
  "post /v1/holds/:id/extend": ({ merchantId }) => ({
    id: "holdId",
    body: { merchantId, holdSeconds: 900 },
  }),
  "post /v1/holds/:id/release": ofHold,
  "post /v1/merchants": () => ({ body: { name: "a merchant" } }),
  "get /v1/merchants": () => ({}),
  "get /v1/merchants/:id": () => ({ id: "merchantId" }),
  "post /v1/items": ({ merchantId }) => ({
    body: { merchantId, sku: "s", name: "n", currency: "USD", priceMinor: 1, stock: 1 },
  }),
  "get /v1/items": ({ merchantId }) => ({ query: `?merchantId=${merchantId}` }),
  "get /v1/items/:id": item(),
  "get /v1/items/:id/prices": item(),
  "get /v1/items/:id/stock-moves": item(),
  "post /v1/items/:id/close": item({}),
  "post /v1/items/:id/open": item({}),
  "post /v1/items/:id/price": item({ priceMinor: 5 }),
  "post /v1/items/:id/adjust": item({ quantity: 1, reason: "found one" }),
  "post /v1/items/:id/reshard": item({ buckets: 2 }),
  "post /v1/mandates": ({ merchantId, itemId }) => ({
    body: {
      name: "n",
      currency: "USD",
      capMinor: 1,
      allowedMerchants: [merchantId],
      allowedItems: [itemId],
    },
  }),
  "get /v1/mandates": () => ({}),
  "get /v1/mandates/:id": mandate(),
  "get /v1/mandates/:id/constraints": mandate(),
  "post /v1/mandates/:id/pause": mandate({}),
  "post /v1/mandates/:id/activate": mandate({}),
  "post /v1/mandates/:id/revoke": mandate({ releaseHolds: true }),
  "post /v1/mandates/:id/cap": mandate({ capMinor: 500_000 }),
  "post /v1/mandates/:id/top-up": mandate({ amountMinor: 5 }),
  "post /v1/mandates/:id/reshard": mandate({ buckets: 2 }),
  "post /v1/mandates/:id/rules": ({ merchantId, itemId }) => ({
    id: "mandateId",
    body: { allowedMerchants: [merchantId], allowedItems: [itemId] },
  }),
  "get /v1/ledger/entries": ({ merchantId, mandateId, purchaseId }) => ({
    query: `?merchantId=${merchantId}&mandateId=${mandateId}&purchaseId=${purchaseId}`,
  }),
  "get /v1/agents": () => ({}),
  "get /v1/agents/:id": () => ({ at: "an%20agent" }),
  "post /v1/agents/:id/block": () => ({ at: "an%20agent", body: { reason: "a test" } }),
  "post /v1/agents/:id/unblock": () => ({ at: "an%20agent", body: {} }),
  "get /v1/keys": () => ({}),
  "get /v1/keys/:id": apiKey(),
  "post /v1/keys": ({ mandateId }) => ({
    body: { name: "n", scopes: ["keys:write"], mandateIds: [mandateId] },
  }),
  "post /v1/keys/:id/roll": apiKey({ overlapSeconds: 5 }),
  "post /v1/keys/:id/revoke": apiKey({}),
  "get /v1/audit/entries": () => ({}),
  "get /v1/audit/entries/:id": () => ({ at: "1" }),
  "get /v1/audit/export": () => ({}),
  "get /v1/audit/verify": () => ({}),
  ...webhookExamples,
  ...importExamples,
  "get /v1/requests": () => ({}),
  "get /v1/requests/:id": () => ({ id: "requestId" }),
  "get /v1/usage": () => ({}),
  "get /v1/usage/callers": () => ({}),
  "get /v1/usage/today": () => ({}),
  "get /v1/tenant/proof": () => ({}),
  "post /v1/runs": () => ({ body: { agents: 10, units: 1 } }),
  "get /v1/runs": () => ({}),
  "get /v1/runs/:id": () => ({ id: "runId" }),
  "post /v1/runs/:id/stop": () => ({ id: "runId", body: {} }),
  "get /v1/stream": () => ({ query: "?topics=purchases&maxSeconds=1" }),
  "get /v1/merchants/:id/summary": () => ({ id: "merchantId" }),
  "get /v1/tenant/summary": () => ({}),
  "get /v1/ledger/balances": ({ merchantId }) => ({ query: `?merchantId=${merchantId}` }),
};
