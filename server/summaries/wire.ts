import { z } from "zod";
import { count, time, uuid } from "../http/shapes.ts";

/** The queries and answers of the summaries. */

export const summaryQuery = z.object({
  after: uuid.optional().meta({
    description: "The `intentId` of an answer: the summary has at least what that ask changed.",
  }),
});

const sum = z.string().meta({ description: "In minor units; a whole number as text." });

export const summaryView = z
  .object({
    source: z.enum(["copies", "books"]).meta({
      description: "`copies` are some moments behind; `books` are as of now.",
    }),
    asOf: time.nullable().meta({
      description:
        "All that was committed before this moment is in it, but for events that are parked. Null: not said.",
    }),
    currencies: z.array(
      z.object({
        currency: z.string(),
        payableMinor: sum,
        heldMinor: sum,
        sales: count,
        soldMinor: sum,
        refunds: count,
        refundedMinor: sum,
        holds: count,
      }),
    ),
  })
  .meta({ id: "Summary", description: "What was sold, held and refunded, per currency." });

export type SummaryView = z.output<typeof summaryView>;

/** What an account came to by one kind of booking. */
export interface Sum {
  readonly account: string;
  readonly kind: string;
  readonly amountMinor: bigint;
  readonly legs: bigint;
}

export function currencyView(currency: string, sums: readonly Sum[]) {
  const add = (account: string, ...kinds: readonly string[]) => {
    const chosen = sums.filter((one) => {
      return one.account === account && (kinds.length === 0 || kinds.includes(one.kind));
    });
    return {
      amountMinor: chosen.reduce((total, { amountMinor }) => total + amountMinor, 0n),
      legs: Number(chosen.reduce((total, { legs }) => total + legs, 0n)),
    };
  };
  const sold = add("MERCHANT_PAYABLE", "commit", "capture");
  const refunded = add("MERCHANT_PAYABLE", "refund");
  return {
    currency,
    payableMinor: String(add("MERCHANT_PAYABLE").amountMinor),
    heldMinor: String(add("MERCHANT_HELD").amountMinor),
    sales: sold.legs,
    soldMinor: String(sold.amountMinor),
    refunds: refunded.legs,
    refundedMinor: String(-refunded.amountMinor),
    holds: add("MERCHANT_HELD", "hold").legs,
  };
}
