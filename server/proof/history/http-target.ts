import { Agent } from "node:http";
import type { Asked, Command, Heard, Shelf } from "./history.ts";
import { post, type Posted } from "./post.ts";
import { saidOf } from "./said.ts";
import type { Target } from "./target.ts";

/** Longer than a server takes for an answer: who waits longer is in doubt. */
const patienceMs = 20_000;

/** Servers, asked over HTTP one after the other. Purchases are of one line, as the public API has them. */
export function httpTarget(urls: readonly string[], apiKey: string, shelf: Shelf): Target {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const send = (path: string, key: string, body: object): Promise<Posted> => {
    const signal = AbortSignal.timeout(patienceMs);
    return post(`${urls[turn++ % urls.length]}${path}`, { agent, apiKey, key, body, signal });
  };
  return {
    async ask(key, asked) {
      return heardOf(await send(pathOf(asked), key, bodyOf(shelf, asked)));
    },
    async command(key, command) {
      const reply = await send(commandPath(command), key, commandBody(key, command));
      const { status, text, headers } = reply;
      const requestId = String(headers["request-id"] ?? "");
      const replayed = headers["idempotent-replayed"] === "true";
      if (status >= 300) return { ...problemIn(status, text), requestId };
      return { outcome: "ok", what: "done", requestId, replayed };
    },
  };
}

export function heardOf({ status, text }: Posted): Heard {
  if (status !== 200 && status !== 201) return problemIn(status, text);
  const { intentId: id, replayed } = JSON.parse(text) as { intentId: string; replayed: boolean };
  const what = status === 201 ? "granted" : "declined";
  return { outcome: "ok", what, id, said: saidOf(text), replayed };
}

/** The words of the kernel for those that the checks know; whatever else a server fails with is a doubt. */
const words: Readonly<Record<string, string>> = {
  KEY_REUSED: "conflict",
  RETRY_EXHAUSTED: "exhausted",
  OVERLOADED: "overloaded",
  BUSY: "BUSY",
};

function problemIn(status: number, text: string): Heard {
  const code = codeIn(text) ?? `status ${status}`;
  const what = words[code] ?? code;
  if (status === 429) return { outcome: "fail", what: "overloaded" };
  const sure = status < 500 || code in words;
  return { outcome: sure ? "fail" : "info", what };
}

function codeIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { code?: string }).code;
  } catch {
    return undefined;
  }
}

function pathOf(asked: Asked): string {
  switch (asked.kind) {
    case "commit":
      return "/v1/purchases/commit";
    case "hold":
      return "/v1/holds";
    case "refund":
      return `/v1/purchases/${asked.purchaseId}/refunds`;
    case "capture":
    case "extend":
    case "release":
      return `/v1/holds/${asked.purchaseId}/${asked.kind}`;
  }
}

export function bodyOf({ merchantId, currency }: Shelf, asked: Asked): object {
  if ("lines" in asked) {
    const { mandateId, agentId, amountMinor, holdSeconds } = asked;
    const [line] = asked.lines;
    const buying = { merchantId, mandateId, agentId, ...line, amountMinor, currency };
    return asked.kind === "hold" ? { ...buying, holdSeconds } : buying;
  }
  const { kind: _kind, purchaseId: _id, ...rest } = asked;
  return { merchantId, ...rest };
}

const verbs = { topUp: "top-up", restock: "adjust" } as const;

function commandPath(command: Command): string {
  const verb = command.kind in verbs ? verbs[command.kind as keyof typeof verbs] : command.kind;
  return "itemId" in command
    ? `/v1/items/${command.itemId}/${verb}`
    : `/v1/mandates/${command.mandateId}/${verb}`;
}

function commandBody(key: string, command: Command): object {
  switch (command.kind) {
    case "price":
      return { priceMinor: command.priceMinor };
    case "restock":
      return { quantity: command.quantity, reason: key };
    case "reshard":
      return { buckets: command.buckets };
    case "topUp":
      return { amountMinor: command.amountMinor };
    case "pause":
    case "activate":
    case "revoke":
    case "close":
    case "open":
      return {};
  }
}
