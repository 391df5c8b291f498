import type { FirstStepsView } from "../../../../server/overview/wire.ts";
import type { NeededScope } from "../../api/session.ts";
import { curlOf } from "../../api/curl.ts";

export type StepName = FirstStepsView["steps"][number]["step"];

export interface StepText {
  readonly title: string;
  readonly says: string;
  /** The screen where it is done, if the console has it. */
  readonly screen: string;
  readonly search?: Readonly<Record<string, string | number>>;
  readonly action: string;
  readonly needs: NeededScope;
}

export const stepTexts: Readonly<Record<StepName, StepText>> = {
  run: {
    title: "Run a swarm",
    says: "10,000 agents race for 100 units, in a world of their own.",
    screen: "/runs",
    search: { new: 10_000 },
    action: "Start a run",
    needs: "runs:write",
  },
  key: {
    title: "Create an API key",
    says: "Programs sign their requests with it. It is shown once.",
    screen: "/keys/new",
    search: { for: "server" },
    action: "Create a key",
    needs: "keys:write",
  },
  item: {
    title: "Create an item",
    says: "A thing with a price and a stock, of a merchant.",
    screen: "/items",
    action: "To the items",
    needs: "items:write",
  },
  mandate: {
    title: "Create a mandate",
    says: "A permission for agents to spend, up to a cap.",
    screen: "/mandates",
    action: "To the mandates",
    needs: "mandates:write",
  },
  purchase: {
    title: "First purchase",
    says: "Units, money, books and answer: all of it, or nothing.",
    screen: "/playground",
    action: "Try the kernel first",
    needs: "purchases:write",
  },
  webhook: {
    title: "First webhook",
    says: "Your server hears of each sale, signed, for days if need be.",
    screen: "/webhooks",
    action: "To the webhooks",
    needs: "webhooks:write",
  },
};

/** What to paste into a shell for a step, with this tenant's own ids. */
export function commandOf(step: StepName, view: FirstStepsView): string | undefined {
  const once = (idempotencyKey: string) => ({ idempotencyKey });
  const { merchantId, purchase } = view;
  switch (step) {
    case "item":
      if (merchantId === null) {
        return curlOf("POST", "/v1/merchants", { name: "My shop" }, once("first-merchant"));
      }
      return curlOf("POST", "/v1/items", { merchantId, ...lamp }, once("first-item"));
    case "mandate":
      return curlOf("POST", "/v1/mandates", office, once("first-mandate"));
    case "purchase":
      if (!purchase) return undefined;
      return curlOf("POST", "/v1/purchases/commit", purchase, once("first-purchase"));
    case "webhook":
      return curlOf(
        "POST",
        "/v1/webhooks",
        { url: "https://example.com/hooks" },
        once("first-hook"),
      );
    default:
      return undefined;
  }
}

const lamp = { sku: "LAMP-1", name: "Desk lamp", currency: "USD", priceMinor: 2500, stock: 100 };
const office = { name: "Office supplies", currency: "USD", capMinor: 100_000 };

/** What has to be said before a command, or instead of one. */
export function hintOf(step: StepName, view: FirstStepsView): string | undefined {
  if (step === "item" && view.merchantId === null) return "First somebody who sells:";
  if (step === "item") return "And something to sell:";
  if (step === "purchase" && view.purchase === null) {
    return "It needs an open item with stock, and an active mandate in its currency that allows it. The command comes by itself when both are there.";
  }
  if (step === "purchase") return "Send it twice: the second answer is the first one again.";
  return undefined;
}
