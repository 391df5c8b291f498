import {
  doubtsResolved,
  failuresHadNoEffect,
  nothingLost,
  nothingTwice,
  nothingUnasked,
  sameKeySameAnswer,
} from "./check-answers.ts";
import { auditComplete } from "./check-audit.ts";
import { bucketsLinearizable } from "./check-chains.ts";
import { endpointHearsAll } from "./check-deliveries.ts";
import { gatesHold } from "./check-gates.ts";
import { holdsLast } from "./check-holds.ts";
import { nothingElse } from "./check-kept.ts";
import { copiesComplete, copiesGoForward, sumsKeepTheirWord } from "./check-copies.ts";
import { neverOversold } from "./check-stock.ts";
import { eventsComplete } from "./check-telling.ts";
import type { Check, History, Violation } from "./history.ts";

/** Each promise, by the name that reports call it, and what must be true of any history. */
export const checks: readonly (readonly [name: string, says: string, checks: readonly Check[]])[] =
  [
    ["C1", "What was acknowledged is in the books.", [nothingLost, nothingElse]],
    ["C2", "Each purchase happened once, under however many keys.", [nothingTwice]],
    ["C3", "Nothing is in the books that nobody asked for.", [nothingUnasked]],
    ["C4", "What was refused without a record had no effect.", [failuresHadNoEffect]],
    ["C5", "The same key has the same answer.", [sameKeySameAnswer]],
    ["C6", "Every doubt was resolved.", [doubtsResolved]],
    [
      "C7",
      "Stock and mandates are linearizable by bucket, and never oversold in sum.",
      [bucketsLinearizable, neverOversold, gatesHold, holdsLast],
    ],
    [
      "C8",
      "The copies never go back for who reads them, keep their word, and come to equal the books.",
      [copiesGoForward, sumsKeepTheirWord, copiesComplete],
    ],
    ["C10", "Every change is announced, and told to its end.", [eventsComplete, endpointHearsAll]],
    ["C11", "Every command is noted once, and the log's chain holds.", [auditComplete]],
  ];

/** All that is wrong with a history; empty when every promise was kept. */
export function violationsOf(history: History): Violation[] {
  return checks.flatMap(([, , some]) => some.flatMap((check) => check(history)));
}
