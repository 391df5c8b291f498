import type { ConstraintView } from "../../../../server/purchases/wire.ts";
import type { Exchange } from "../../api/client.ts";
import { answerOf, problemOf, quoteOf, type Sent } from "./asking.ts";

export interface Row {
  readonly id: string;
  readonly group: "At the door" | "Stock" | "Mandate" | "Money";
  readonly title: string;
  readonly state: ConstraintView["state"] | "REPLAYED";
  /** Instead of what the state is called. */
  readonly word?: string;
  /** What the server says of it, where it binds. */
  readonly detail?: string;
  readonly unit?: "units" | "money";
  readonly limit?: number | undefined;
  readonly used?: number | undefined;
  readonly asked?: number | undefined;
  readonly left?: number | undefined;
  readonly resetsAt?: string | undefined;
}

type Reason = ConstraintView["reason"];

const words: Readonly<Record<Reason, readonly [Row["group"], string]>> = {
  ITEM_CLOSED: ["Stock", "The item is on sale"],
  SOLD_OUT: ["Stock", "Enough units are free"],
  AGENT_BLOCKED: ["Mandate", "The agent is not blocked"],
  REVOKED: ["Mandate", "The mandate is not revoked"],
  PAUSED: ["Mandate", "It is not paused"],
  NOT_STARTED: ["Mandate", "It has begun"],
  EXPIRED: ["Mandate", "It has not ended"],
  AGENT: ["Mandate", "This agent may spend from it"],
  MERCHANT: ["Mandate", "It allows this merchant"],
  ITEM: ["Mandate", "It allows this item"],
  CURRENCY: ["Mandate", "It is in this currency"],
  PURCHASE_MAX: ["Money", "Within what one purchase may cost"],
  DUPLICATE_SUSPECTED: ["Money", "Not the same again a moment later"],
  PERIOD: ["Money", "Within the limit of the"],
  CAP: ["Money", "Within the cap"],
};

const periods = ["day", "week", "month"] as const;

/** While nothing is known: all of them, in the order of the words, which is the kernel's. */
const unreached = (Object.keys(words) as Reason[]).flatMap((reason): ConstraintView[] => {
  if (reason !== "PERIOD") return [{ reason, state: "NOT_REACHED" }];
  return periods.map((period) => ({ reason, period, state: "NOT_REACHED" }));
});

function rowOf(constraint: ConstraintView): Row {
  const { reason, period, ...rest } = constraint;
  const [group, title] = words[reason];
  return {
    ...rest,
    id: period === undefined ? reason : `${reason} ${period}`,
    group,
    title: period === undefined ? title : `${title} ${period}`,
    unit: reason === "SOLD_OUT" ? "units" : "money",
  };
}

const keyRow: Row = {
  id: "key",
  group: "At the door",
  title: "The key is new",
  state: "NOT_REACHED",
};
const askRow: Row = {
  id: "ask",
  group: "At the door",
  title: "Well formed, and the right amount",
  state: "PASSED",
};

/** If it were sent now, by an explained quote, which has no key. */
export function rowsOfQuote(answer: Exchange | undefined): readonly Row[] {
  const unasked: Row = { ...keyRow, word: "Once it is sent" };
  if (!answer) return [unasked, { ...askRow, state: "NOT_REACHED" }, ...unreached.map(rowOf)];
  const problem = problemOf(answer);
  if (problem) {
    const refused: Row = { ...askRow, state: "BINDING", detail: problem.message };
    return [unasked, refused, ...unreached.map(rowOf)];
  }
  return [unasked, askRow, ...(quoteOf(answer)?.constraints ?? []).map(rowOf)];
}

/** Those that the kernel finds only after it has looked for the key. */
const afterKey: readonly string[] = [
  "UNKNOWN_ITEM",
  "UNKNOWN_MANDATE",
  "AMOUNT_MISMATCH",
  "CURRENCY_MISMATCH",
];

/** As it was answered: what bound is the answer's word, the slack of the others the quote's just before. */
export function rowsOfSent({ before, answer }: Sent): readonly Row[] {
  const problem = problemOf(answer);
  const told = answerOf(answer);
  if (problem) {
    const { code, message: detail } = problem;
    const isKey = code === "KEY_REUSED";
    return [
      isKey
        ? { ...keyRow, title: "The key is new, or its ask the same", state: "BINDING", detail }
        : { ...keyRow, state: afterKey.includes(code) ? "PASSED" : "NOT_REACHED" },
      isKey ? { ...askRow, state: "NOT_REACHED" } : { ...askRow, state: "BINDING", detail },
      ...unreached.map(rowOf),
    ];
  }
  if (told?.replayed === true) {
    const detail = "With this very ask: its answer is given again, and nothing is decided anew.";
    return [
      { ...keyRow, title: "The key is on record", state: "REPLAYED", detail },
      { ...askRow, state: "NOT_REACHED" },
      ...unreached.map(rowOf),
    ];
  }
  const passed: readonly Row[] = [{ ...keyRow, state: "PASSED" }, askRow];
  const known = quoteOf(before)?.constraints ?? unreached;
  if (told?.outcome !== "DECLINED") return [...passed, ...known.map((one) => rowOf(asPassed(one)))];
  const { reason, period, limit, used, asked, resetsAt, detail } = told;
  const at = known.findIndex((one) => one.reason === reason && one.period === period);
  const rows = known.map((one, index): Row => {
    if (index !== at) {
      if (one.state === "NOT_SET") return rowOf(one);
      return rowOf({ ...one, state: index < at ? "PASSED" : "NOT_REACHED" });
    }
    const sum = {
      ...(limit !== undefined && { limit }),
      ...(used !== undefined && { used }),
      ...(asked !== undefined && { asked }),
      ...(resetsAt !== undefined && { resetsAt }),
      ...(limit !== undefined && asked !== undefined && { left: limit - (used ?? 0) - asked }),
    };
    const { reason: why, period: when } = one;
    const bound = rowOf({ reason: why, ...(when && { period: when }), ...sum, state: "BINDING" });
    return { ...bound, ...(detail !== undefined && { detail }) };
  });
  return [...passed, ...rows];
}

function asPassed(one: ConstraintView): ConstraintView {
  return one.state === "NOT_SET" ? one : { ...one, state: "PASSED" };
}
