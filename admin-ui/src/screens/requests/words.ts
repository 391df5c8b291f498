import type { RequestView } from "../../../../server/requests/wire.ts";
import type { Tone } from "../../ui/Badge.tsx";
import type { IconName } from "../../ui/Icon.tsx";

/** How a request went, in a tone; what is said is the status. */
export function lookOf({ status }: Pick<RequestView, "status">): {
  readonly tone: Tone;
  readonly icon: IconName;
} {
  if (status === null) return { tone: "neutral", icon: "stop" };
  if (status < 400) return { tone: "ok", icon: "check" };
  return status < 500 ? { tone: "warn", icon: "alert" } : { tone: "bad", icon: "cross" };
}

/** The path as it was, as far as it is known: an id in it is kept, what came after `?` is not. */
export function pathOf({ route, subjectId }: RequestView): string {
  return subjectId === null ? route : route.replace(/\{\w+\}/, subjectId);
}

interface Subject {
  readonly word: string;
  readonly to: string;
  readonly id: string;
}

/** The screen of what it was about, by the noun of its route. */
const screens = [
  ["/v1/purchases", "Purchase", "/purchases/$id"],
  ["/v1/holds", "Purchase", "/purchases/$id"],
  ["/v1/items", "Item", "/items/$id"],
  ["/v1/merchants", "Merchant", "/merchants/$id"],
  ["/v1/mandates", "Mandate", "/mandates/$id"],
  ["/v1/keys", "API key", "/keys/$id"],
  ["/v1/webhooks", "Webhook", "/webhooks/$id"],
  ["/v1/webhook-deliveries", "Delivery", "/webhooks/deliveries/$id"],
  ["/v1/runs", "Run", "/runs/$id"],
] as const;

/** Undefined: nothing that has a screen. What was made by a route under a thing's path is the thing's. */
export function subjectOf({ route, subjectId }: RequestView): Subject | undefined {
  if (subjectId === null) return undefined;
  const found = screens.find(([path]) => route === path || route.startsWith(`${path}/`));
  return found && { word: found[1], to: found[2], id: subjectId };
}

/** Asks that buy: their content is in the books, and stays. */
export function isAsk({ route }: RequestView): boolean {
  return route === "/v1/purchases/commit" || route === "/v1/holds";
}

/** "A problem of what was sent (4xx)". */
export function verdictOf(request: RequestView): string {
  const { status, code, replayed, method } = request;
  if (status === null) return "The client went away before its answer.";
  if (replayed === true) {
    return `Answered ${status}, as it was the first time: the same key with the same content does nothing twice.`;
  }
  if (status < 300) return method === "GET" ? `Answered ${status}.` : `Done: answered ${status}.`;
  if (status < 400) return `Answered ${status}.`;
  if (status === 429) return "Refused with 429: more requests than its limit. Nothing was done.";
  if (status < 500)
    return `Refused with ${status}${code === null ? "" : ` ${code}`}. Nothing was done.`;
  return `Failed with ${status}${code === null ? "" : ` ${code}`}. The code's page says whether it may be recorded.`;
}
