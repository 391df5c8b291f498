import { setTimeout as sleep } from "node:timers/promises";
import { assert } from "../base/assert.ts";
import { DoubtError, ExhaustedError } from "../db/faults.ts";
import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import { enter, faultOfAsk } from "./ask.ts";
import { consider } from "./consider.ts";
import { constraintsOf, type Constraint } from "./constraints.ts";
import type { Answer, CommitAsk } from "./types.ts";

/** How long a quote waits for a command to go through, and how often it looks. */
const patienceMs = 2_000;
const pauseMs = 20;

export interface Quote {
  readonly answer: Answer;
  /** Of what a commit would be answered: where it was explained, and every constraint was looked at. */
  readonly constraints?: readonly Constraint[];
}

/**
 * What a commit would be answered at this moment: the same facts and the same decision, in a
 * transaction that only reads, and the plan is thrown away. A promise of nothing: the next sale may
 * take the last unit.
 */
export async function quote(
  db: Db,
  asked: Omit<CommitAsk, "key">,
  explain = false,
): Promise<Quote> {
  // A key that nobody has used: nothing is recalled.
  const key = `quote-${db.dialect.newId()}`;
  const ask = { ...asked, key };
  const fault = faultOfAsk(ask);
  if (fault !== undefined) {
    return { answer: { kind: "rejected", code: "INVALID_ASK", says: fault } };
  }
  const entry = enter(ask, db.dialect.newId());
  const deadlineAt = performance.now() + patienceMs;
  try {
    for (;;) {
      const luck = Math.random();
      const { decisions, facts } = await transact(
        db,
        "quote",
        (tx) => consider(db, tx, [entry], { luck, attempt: 1, whole: explain }),
        { readOnly: true },
      );
      const [decision] = decisions;
      assert(decision !== undefined, "every ask has a decision");
      if (decision.kind !== "wait") {
        assert(decision.kind !== "recalled", "nothing is stored under a new key");
        if (!("text" in decision)) return { answer: decision };
        const answer = { ...decision, replayed: false };
        return { answer, ...(explain && { constraints: constraintsOf(facts, ask, decision) }) };
      }
      if (performance.now() > deadlineAt) return { answer: { kind: "exhausted" } };
      await sleep(pauseMs);
    }
  } catch (error) {
    // Nothing was to be written, so nothing is in doubt.
    if (error instanceof ExhaustedError || error instanceof DoubtError) {
      return { answer: { kind: "exhausted" } };
    }
    throw error;
  }
}
