import type { z } from "zod";
import type { quoteView } from "../../../../server/purchases/wire.ts";
import { formatMoney, formatNumber } from "../../ui/format.ts";

export type QuoteView = z.output<typeof quoteView>;

export type WouldDecline = Extract<QuoteView, { outcome: "WOULD_DECLINE" }>;

/** The server's sentence names fields of its answer; people have read the time in the line above. */
export function sentenceOf({ detail }: WouldDecline): string {
  return detail.replaceAll("`resetsAt`", "then").replaceAll("`", "");
}

/** "€180.00 used + €45.00 asked = €225.00, more than the limit of €200.00." */
export function arithmeticOf(no: WouldDecline, currency: string): string | undefined {
  const { limit, used, asked, reason } = no;
  if (limit === undefined || asked === undefined) return undefined;
  if (reason === "SOLD_OUT") {
    return `${formatNumber(asked)} wanted, ${formatNumber(limit)} free.`;
  }
  const say = (minor: number): string => formatMoney(minor, currency);
  if (used === undefined) return `${say(asked)} asked, ${say(limit)} is the most.`;
  return `${say(used)} used + ${say(asked)} asked = ${say(used + asked)}, more than the limit of ${say(limit)}.`;
}
