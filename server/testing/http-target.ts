import { createKey } from "../auth/keys.ts";
import type { Db } from "../db/open.ts";
import type { Asked, Command, Heard, Shelf } from "../proof/history/history.ts";
import { saidOf } from "../proof/history/said.ts";
import type { Target } from "../proof/history/target.ts";

type Request = readonly [path: string, body: object];

const scopes = [
  "purchases:read",
  "purchases:write",
  "refunds:write",
  "items:write",
  "mandates:write",
];
const by = { actor: { kind: "command", id: "test" } } as const;

/** Longer than any ask may take: who hears nothing until then is in doubt. */
const patienceMs = 20_000;

/** Servers over HTTP, one after the other, asked with a key of the shelf's tenant. */
export function httpTarget(urls: readonly string[], db: Db, shelf: Shelf): Target {
  const { tenantId } = shelf;
  const made = createKey(db, { tenantId, name: "history", scopes }, by);
  let turn = 0;
  const send = async (key: string, [path, body]: Request): Promise<Heard> => {
    const created = await made;
    if (created.kind !== "done") throw new Error(created.says);
    const reply = await fetch(`${urls[turn++ % urls.length]}${path}`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${created.apiKey}`,
        "Content-Type": "application/json",
        "Idempotency-Key": key,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    return heardOf(reply.status, await reply.text());
  };
  return {
    ask: (key, asked) => send(key, requestOf(shelf, asked)),
    command: (key, command) => send(key, commandOf(key, command)),
  };
}

interface Said {
  readonly outcome?: string;
  readonly intentId?: string;
  readonly replayed?: boolean;
  readonly code?: string;
}

/** What an answer in words of the API promises to who asked. */
function heardOf(status: number, text: string): Heard {
  const {
    outcome,
    intentId: id,
    replayed = false,
    code = String(status),
  } = JSON.parse(text) as Said;
  if (status < 300 && id === undefined) return { outcome: "ok", what: "done" };
  if (status < 300 && id !== undefined) {
    const what = outcome === "DECLINED" ? "declined" : "granted";
    return { outcome: "ok", what, id, said: saidOf(text), replayed };
  }
  // These say that nothing was recorded, and everything else above 500 says nothing.
  if (code === "RETRY_EXHAUSTED") return { outcome: "fail", what: "exhausted" };
  if (code === "OVERLOADED") return { outcome: "fail", what: "overloaded" };
  if (code === "KEY_REUSED") return { outcome: "fail", what: "conflict" };
  if (code === "BUSY") return { outcome: "fail", what: "BUSY" };
  return { outcome: status >= 500 ? "info" : "fail", what: code };
}

function requestOf({ merchantId, currency }: Shelf, asked: Asked): Request {
  switch (asked.kind) {
    case "commit":
    case "hold": {
      const { mandateId, agentId, amountMinor, holdSeconds, lines } = asked;
      const [line, ...others] = lines;
      if (line === undefined || others.length > 0)
        throw new Error("over HTTP a purchase has one line");
      const body = { merchantId, mandateId, agentId, amountMinor, currency, ...line };
      return asked.kind === "commit"
        ? ["/v1/purchases/commit", body]
        : ["/v1/holds", { ...body, holdSeconds }];
    }
    case "refund": {
      const { kind: _, purchaseId, ...body } = asked;
      return [`/v1/purchases/${purchaseId}/refunds`, { merchantId, ...body }];
    }
    case "capture":
    case "extend":
    case "release": {
      const { kind, purchaseId, ...body } = asked;
      return [`/v1/holds/${purchaseId}/${kind}`, { merchantId, ...body }];
    }
  }
}

function commandOf(key: string, command: Command): Request {
  switch (command.kind) {
    case "pause":
    case "activate":
    case "revoke":
      return [`/v1/mandates/${command.mandateId}/${command.kind}`, {}];
    case "topUp":
      return [`/v1/mandates/${command.mandateId}/top-up`, { amountMinor: command.amountMinor }];
    case "close":
    case "open":
      return [`/v1/items/${command.itemId}/${command.kind}`, {}];
    case "price":
      return [`/v1/items/${command.itemId}/price`, { priceMinor: command.priceMinor }];
    case "reshard":
      return [`/v1/items/${command.itemId}/reshard`, { buckets: command.buckets }];
    case "restock":
      // The checker finds it by its reason.
      return [`/v1/items/${command.itemId}/adjust`, { quantity: command.quantity, reason: key }];
  }
}
