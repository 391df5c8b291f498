import { z } from "zod";
import { decimalOf } from "../base/currency.ts";
import { readCursor, rfc3339, writeCursor } from "../http/cursor.ts";
import { formatField, type Cell } from "../http/csv.ts";
import { pageQuery } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import { currency, listOf, moment, uuid } from "../http/shapes.ts";
import type { Balances, Leg, Place } from "./store.ts";
import type { WholeLeg } from "./whole.ts";

/** The queries and answers of /v1/ledger. */

const accounts = ["MANDATE_RESERVED", "MERCHANT_HELD", "MERCHANT_PAYABLE"] as const;
const account = z.enum(accounts, `must be one of ${accounts.join(", ")}`);
const kinds = ["commit", "hold", "capture", "release", "expire", "refund"] as const;

export const entriesQuery = z.object({
  ...pageQuery.shape,
  merchantId: uuid.optional().meta({ description: "Legs on this merchant's accounts." }),
  mandateId: uuid.optional().meta({ description: "Legs on this mandate's accounts." }),
  purchaseId: uuid.optional(),
  account: account.optional(),
  kind: z.enum(kinds, `must be one of ${kinds.join(", ")}`).optional(),
  currency: currency.optional(),
  side: z.enum(["debit", "credit"], "must be debit or credit").optional().meta({
    description:
      "`debit`: what went out of an account, the negative amounts. `credit`: what came in.",
  }),
  from: moment.optional().meta({ description: "From this moment on." }),
  to: moment.optional().meta({ description: "Before this moment." }),
  view: z.enum(["record", "whole"], "must be record or whole").optional().meta({
    default: "record",
    description: "`whole`: also whose account it is, by name, and the accounts on the other side.",
  }),
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
  to: moment.optional().meta({ description: "What was booked before this moment." }),
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
    kind: z.enum(kinds),
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

export const wholeEntryView = entryView
  .extend({
    ownerName: z.string().nullable(),
    against: z.array(account).meta({
      description: "The accounts that the other side of its transaction stands on.",
    }),
  })
  .meta({ id: "WholeLeg", description: "A leg, whose account it is, and the other side." });

export const wholeEntriesView = listOf("WholeLegList", wholeEntryView);

export const balancesView = z.object({
  source: z.enum(["books", "copies"]).meta({
    description:
      "`books`: the sum of every leg, as of now. `copies`: all that was committed before `asOf`.",
  }),
  asOf: z.string(),
  merchantId: z.uuid().nullable(),
  accounts: z.array(
    z.object({
      account,
      currency: z.string(),
      balanceMinor: minor,
      debitMinor: minor.optional().meta({
        description: "All that ever went out of it, where every leg was summed.",
      }),
      creditMinor: minor.optional().meta({
        description: "All that ever came in, where every leg was summed.",
      }),
      legs: z.int(),
    }),
  ),
  trialBalance: z.array(z.object({ currency: z.string(), sumMinor: minor })).meta({
    description:
      "Per currency the sum over all accounts: zero, or the books are wrong. None for one merchant.",
  }),
});

export type EntryView = z.output<typeof entryView>;
export type WholeEntryView = z.output<typeof wholeEntryView>;
export type WholeEntriesView = z.output<typeof wholeEntriesView>;
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

export function viewOfWhole(entry: WholeLeg): WholeEntryView {
  const { ownerName, against } = entry;
  return { ...viewOf(entry), ownerName, against: [...against] };
}

const ofEntry = Object.keys(entryView.shape) as readonly (keyof EntryView)[];

/** Of the CSV: the entry, and for those who read it in a spreadsheet whose it is and how much. */
export const columns = [...ofEntry, "owner", "amount"];

export function cellsOf(leg: WholeLeg): Cell[] {
  const view = viewOf(leg);
  const amount = { decimal: decimalOf(leg.amountMinor, view.currency) };
  return [...ofEntry.map((name) => view[name]), leg.ownerName, amount];
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

/** A number of JSON is exact up to here: beyond it is told that it cannot be told. */
function exact(sum: bigint): number {
  if (Number.isSafeInteger(Number(sum))) return Number(sum);
  throw new Problem("SUM_TOO_LARGE");
}

function rowOf({ debitMinor, creditMinor, ...row }: Balances["accounts"][number]) {
  return {
    ...row,
    balanceMinor: exact(row.balanceMinor),
    ...(debitMinor !== undefined && { debitMinor: exact(debitMinor) }),
    ...(creditMinor !== undefined && { creditMinor: exact(creditMinor) }),
    legs: Number(row.legs),
  };
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
    accounts: rows.map(rowOf),
    // One side of the books does not balance by itself.
    trialBalance:
      merchantId === undefined
        ? [...sums].map(([currency, sum]) => ({ currency, sumMinor: exact(sum) }))
        : [],
  };
}
