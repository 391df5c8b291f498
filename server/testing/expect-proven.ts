import { expect } from "vitest";
import type { Db } from "../db/open.ts";
import { prove } from "../proof/prove.ts";

/** Every invariant and audit holds for all that is in this database. */
export async function expectProven(db: Db): Promise<void> {
  const { findings } = await prove(db);
  const broken = findings.filter(({ count }) => count > 0);
  expect(broken.map(({ name, counterexamples }) => ({ name, ...counterexamples[0] }))).toEqual([]);
}
