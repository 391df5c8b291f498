import { randomInt } from "node:crypto";
import { inject } from "vitest";

/** Another one in each run; that of a run with `--sequence.seed=…`. It is printed with what came of it. */
export function seedOfRun(): number {
  const given = inject("testSeed");
  return Number.isSafeInteger(given) ? given % 1_000_000_000 : randomInt(1_000_000_000);
}
