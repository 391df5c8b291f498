import { z } from "zod";
import { committed, declined, declinedOnPurchase, refunded } from "../http/answer-views.ts";
import { ofAsk, ofBound } from "../http/openapi-problems.ts";
import type { About } from "../http/route.ts";
import * as wire from "./wire.ts";

const ofBuying = [
  ...ofAsk,
  ...ofBound,
  "UNKNOWN_MERCHANT",
  "UNKNOWN_ITEM",
  "UNKNOWN_MANDATE",
  "AMOUNT_MISMATCH",
  "CURRENCY_MISMATCH",
] as const;

export const aboutCommit: About = {
  summary: "Commit a purchase",
  says:
    "One idempotent transaction claims the units, debits the mandate and writes the ledger: all or " +
    "nothing. 201 is `COMMITTED`, 200 is `DECLINED`; either is final for this key. After any doubt " +
    "send the same body with the same key again.",
  body: wire.commitBody,
  key: "in header or body",
  answers: { 201: committed, 200: declined },
  problems: ofBuying,
};

export const aboutCommitMany: About = {
  summary: "Commit many purchases",
  says:
    `1 to ${wire.asksMax} asks, each with an \`idempotencyKey\` of its own and no header for all, in ` +
    "524,288 bytes at most. Each is answered as the single route would answer it, in the order of the " +
    "asks: a bad one fails alone. After any doubt send the whole list again.",
  body: wire.commitManyShape,
  answers: { 200: wire.commitManyView },
  problems: ["IDEMPOTENCY_KEY_INVALID"],
};

export const aboutQuote: About = {
  summary: "Quote a purchase",
  says:
    "What a commit of the same would be answered now, and which constraint binds, in numbers. It " +
    "writes nothing and promises nothing: the next sale may take the last unit. Who needs the unit " +
    "takes a hold. With `explain` it shows every constraint, those that did not bind too.",
  body: wire.quoteBody,
  answers: { 200: wire.quoteView },
  problems: ofBuying,
};

export const aboutRefund: About = {
  summary: "Refund a purchase",
  says: "The whole or a part, once or several times, and never more than was paid.",
  body: wire.refundBody,
  key: "in header or body",
  answers: { 201: refunded, 200: declinedOnPurchase },
  problems: [...ofAsk, ...ofBound, "UNKNOWN_MERCHANT", "UNKNOWN_PURCHASE"],
};

export const aboutList: About = {
  summary: "List purchases",
  says:
    "Commits and holds, newest first, declined ones too. The list ends where `nextCursor` is null; a " +
    "page before that may hold fewer than `limit`, or none, when a filter fits few. With " +
    "`idempotencyKey` and `merchantId`, and nothing else, it is the look-up of one ask, and 404 " +
    "`NOT_KNOWN_YET` there does not say that nothing happened: send the same ask again to find out.",
  query: wire.listQuery,
  answers: { 200: z.union([wire.askList, wire.askView]) },
  problems: [
    "UNKNOWN_MERCHANT",
    "UNKNOWN_ITEM",
    "UNKNOWN_MANDATE",
    "NOT_KNOWN_YET",
    "IDEMPOTENCY_KEY_INVALID",
  ],
};

export const aboutShow: About = {
  summary: "Get a purchase",
  says: "What is on record of an ask, by the `intentId` of its answer.",
  answers: { 200: wire.askView },
  problems: ["UNKNOWN_PURCHASE"],
};
