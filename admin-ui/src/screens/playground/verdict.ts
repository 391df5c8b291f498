import type { Exchange } from "../../api/client.ts";
import { formatMoney, formatNumber, formatTime } from "../../ui/format.ts";
import { answerOf, problemOf, type Answer } from "./asking.ts";

export interface Verdict {
  readonly tone: "ok" | "bad" | "warn";
  /** A few words: "Bought", "Sold out". */
  readonly title: string;
  readonly says: string;
}

const titles: Readonly<Record<string, string>> = {
  COMMITTED: "Bought",
  HELD: "Held",
  CAPTURED: "Captured",
  RELEASED: "Released",
  SOLD_OUT: "Declined: sold out",
  ITEM_CLOSED: "Declined: not on sale",
  PAUSED: "Declined: the mandate is paused",
  REVOKED: "Declined: the mandate is revoked",
  NOT_STARTED: "Declined: too early",
  EXPIRED: "Declined: the mandate has ended",
  AGENT_BLOCKED: "Declined: the agent is blocked",
  AGENT: "Declined: another agent's mandate",
  MERCHANT: "Declined: merchant not allowed",
  ITEM: "Declined: item not allowed",
  CURRENCY: "Declined: wrong currency",
  PURCHASE_MAX: "Declined: more than one purchase may cost",
  DUPLICATE_SUSPECTED: "Declined: the same again",
  PERIOD: "Declined: over the limit of the period",
  CAP: "Declined: over the mandate's cap",
  HOLD_EXPIRED: "Declined: the hold has ended",
};

/** The answer in one sentence, with its arithmetic; the numbers are the server's. */
export function verdictOf(answer: Exchange, currency: string): Verdict {
  const told = answerOf(answer);
  if (!told) {
    const problem = problemOf(answer);
    return {
      tone: problem?.inDoubt ? "warn" : "bad",
      title: `${answer.status} ${problem?.title ?? ""}`,
      says: `${problem?.message ?? ""}${problem?.inDoubt ? "" : " Nothing was recorded."}`,
    };
  }
  const title = titles[told.reason ?? told.outcome] ?? told.outcome;
  const again = told.replayed
    ? " This is the first answer again, from the record: nothing was done a second time."
    : "";
  return {
    tone: told.outcome === "DECLINED" ? "bad" : "ok",
    title,
    says: `${sentenceOf(told, told.currency ?? currency)}${again}`,
  };
}

function sentenceOf(told: Answer, currency: string): string {
  const money = (minor: number | undefined): string => formatMoney(minor ?? 0, currency);
  const until = (at: string | undefined): string => (at === undefined ? "" : formatTime(at));
  const { limit, used = 0, asked = 0, reason, outcome, amountMinor } = told;
  const resets = told.resetsAt === undefined ? "" : ` It resets at ${until(told.resetsAt)}.`;
  if (outcome === "COMMITTED")
    return `${money(amountMinor)}: stock, mandate and ledger were written together, once.`;
  if (outcome === "HELD")
    return `${money(amountMinor)} and the units are kept until ${until(told.expiresAt)}.`;
  if (outcome !== "DECLINED") return `${money(amountMinor)}.`;
  switch (reason) {
    case "SOLD_OUT":
      return `${formatNumber(asked)} asked, ${formatNumber(limit ?? 0)} free.`;
    case "PURCHASE_MAX":
      return `${money(asked)} is more than the ${money(limit)} that one purchase may cost.`;
    case "PERIOD":
    case "CAP": {
      const sum = `${money(used)} used + ${money(asked)} for this = ${money(used + asked)}`;
      const what = reason === "CAP" ? "the cap" : `the limit of a ${told.period ?? "period"}`;
      return `${sum}, more than ${what} of ${money(limit)}.${resets}`;
    }
    default:
      return (told.detail ?? "").replaceAll("`", "");
  }
}
