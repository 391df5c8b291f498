import { expect } from "vitest";
import type { RoundResult } from "../proof/history/round.ts";
import { asLines, shrink } from "../proof/history/shrink.ts";

interface Faults {
  readonly name: string;
  readonly faults: number;
  /** Until the first success after the last fault was over. */
  readonly recoveryMs?: number | undefined;
  /** What else this fault is measured by. */
  readonly more?: Readonly<Record<string, string | number>>;
}

const words: Readonly<Record<string, string>> = {
  ack_lost: "C1",
  double: "C2",
  phantom: "C3",
  failed_committed: "C4",
  disagree: "C5",
  unresolved: "C6",
  lin: "C7",
};

/** One line for whoever reads the run: what was done to it, and what the checker found. */
function say(
  round: RoundResult,
  { name, faults, recoveryMs, more = {} }: Faults,
  verdict: string,
): void {
  const { history, violations, proof } = round;
  const found = (check: string): number => violations.filter((one) => one.check === check).length;
  const broken = proof.findings.filter(({ count }) => count > 0).length;
  const figures = {
    seed: history.seed,
    ops: new Set(history.attempts.map(({ op }) => op)).size,
    attempts: history.attempts.length,
    faults,
    ...Object.fromEntries(Object.entries(words).map(([word, check]) => [word, found(check)])),
    other: violations.filter(({ check }) => !Object.values(words).includes(check)).length,
    invariants: `${broken}/${proof.findings.length}`,
    ...(recoveryMs !== undefined && { recovery_ms: Math.round(recoveryMs) }),
    ...more,
  };
  const told = Object.entries(figures).map(([word, value]) => `${word}=${value}`);
  process.stderr.write(`FAULT ${name} ${told.join(" ")} ${verdict}\n`);
}

/** The first of what is wrong, with its smallest part: what somebody who has to find out needs. */
export function expectHolds({ history, violations, proof }: RoundResult): void {
  const broken = proof.findings.filter(({ count }) => count > 0).map(({ name }) => name);
  const [first] = violations;
  const shown = first === undefined ? [] : asLines(shrink(history, first));
  const what = first === undefined ? broken.join(", ") : `${first.check}: ${first.says}`;
  if (what === "") return;
  const all = `seed ${history.seed}, ${violations.length} violations, broken: ${broken.join(", ")}`;
  throw new Error([what, all, ...shown].join("\n"));
}

/** Everything that anybody was told is in the books, and the books are right; says so in one line. */
export function expectKept(round: RoundResult, faults: Faults): void {
  say(round, faults, round.ok ? "PASS" : "FAIL");
  expectHolds(round);
}

/** The same judge where a promise cannot be kept: so it is known to see that it was broken. */
export function expectCaught(round: RoundResult, check: string, faults: Faults): void {
  const isSeen = round.violations.some((one) => one.check === check);
  say(round, faults, isSeen ? "CAUGHT" : "SURVIVED");
  expect(isSeen, `${check} was broken, and nobody noticed`).toBe(true);
}
