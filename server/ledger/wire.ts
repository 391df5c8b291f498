import { z } from "zod";
import { readCursor, rfc3339, writeCursor } from "../http/cursor.ts";
import { formatField, type Cell } from "../http/csv.ts";
import { pageQuery } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import { listOf, moment, uuid } from "../http/shapes.ts";
import type { Balances, Leg, Place } from "./store.ts";

/** The queries and answers of /v1/ledger. */

const accounts = ["MANDATE_RESERVED", "MERCHANT_HELD", "MERCHANT_PAYABLE"] as const;
const account = z.enum(accounts, `must be one of ${accounts.join(", ")}`);

export const entriesQuery = z.object({
  ...pageQuery.shape,
  merchantId: uuid.optional().meta({ description: "Legs on this merchant's accounts." }),
  purchaseId: uuid.optional(),
  account: account.optional(),
  from: moment.optional().meta({ description: "From this moment on." }),
  to: moment.optional().meta({ description: "Before this moment." }),
  format: formatField,
});

const secondsText = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, "must be a whole number from 1 to 3600")
  .refine((text) => Number(text) <= 3_600, "must be a whole number from 1 to 3600");

export const balancesQuery = z.object({
  merchantId: uuid.optional().meta({
    description: "The accounts of this merchant alone; without it those of the whole tenant.",
  }),
  maxAgeSeconds: secondsText.optional().meta({
    description:
      "How old the answer may be, 1 to 3600: then it may come from copies that are kept up to date, in " +
      "the same time however many legs there are. Without it every leg is summed.",
  }),
});

const minor = z.int();

export const entryView = z
  .object({
    purchaseId: z.uuid(),
    transactionId: z
      .uuid()
      .meta({ description: "All legs of a transaction have it, and sum to zero per currency." }),
    leg: z.int(),
    kind: z.enum(["commit", "hold", "capture", "release", "expire", "refund"]),
    account,
    ownerId: z.uuid().meta({ description: "The mandate or the merchant whose account it is." }),
    amountMinor: minor,
    currency: z.string(),
    createdAt: z.string(),
  })
  .meta({
    id: "Leg",
    description: "One side of a booking; negative amounts go out of an account.",
  });

export const entriesView = listOf("LegList", entryView);

export const balancesView = z.object({
  source: z.enum(["books", "copies"]).meta({
    description:
      "`books`: the sum of every leg, as of now. `copies`: all that was committed before `asOf`.",
  }),
  asOf: z.string(),
  merchantId: z.uuid().nullable(),
  accounts: z.array(
    z.object({ account, currency: z.string(), balanceMinor: minor, legs: z.int() }),
  ),
  trialBalance: z.array(z.object({ currency: z.string(), sumMinor: minor })).meta({
    description:
      "Per currency the sum over all accounts: zero, or the books are wrong. None for one merchant.",
  }),
});

export type EntryView = z.output<typeof entryView>;
export type BalancesView = z.output<typeof balancesView>;

export function viewOf(entry: Leg): EntryView {
  const { purchaseId, txnId, leg, kind, ownerId, amountMinor, currency, createdAt } = entry;
  return {
    purchaseId,
    transactionId: txnId,
    leg,
    kind,
    account: entry.account,
    ownerId,
    amountMinor: Number(amountMinor),
    currency,
    createdAt: rfc3339(createdAt),
  };
}

export const columns = Object.keys(entryView.shape) as readonly (keyof EntryView)[];

export function cellsOf(leg: Leg): Cell[] {
  const view = viewOf(leg);
  return columns.map((name) => view[name]);
}

/** A page may end between the legs of one transaction. */
export function placeText({ leg, ...place }: Place): string {
  return `${writeCursor(place)}.${leg}`;
}

export function readPlace(text: string): Place {
  const [cursor = "", leg = ""] = text.split(/\.(?=\d$)/);
  if (leg === "") throw new Problem("BAD_CURSOR");
  return { ...readCursor(cursor), leg: Number(leg) };
}

export function balancesOf(
  { source, asOf, accounts: rows }: Balances,
  merchantId: string | undefined,
): BalancesView {
  const sums = new Map<string, bigint>();
  for (const { currency, balanceMinor } of rows) {
    sums.set(currency, (sums.get(currency) ?? 0n) + balanceMinor);
  }
  return {
    source,
    asOf: rfc3339(asOf),
    merchantId: merchantId ?? null,
    accounts: rows.map((row) => ({
      ...row,
      balanceMinor: Number(row.balanceMinor),
      legs: Number(row.legs),
    })),
    // One side of the books does not balance by itself.
    trialBalance:
      merchantId === undefined
        ? [...sums].map(([currency, sum]) => ({ currency, sumMinor: Number(sum) }))
        : [],
  };
}
