import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { proveIn, type Proof } from "../proof/prove.ts";
import type { Books } from "./books.ts";
import { beneath } from "./database.ts";

class Undone extends Error {}

/** Statements in which `:name` is one of the books' ids. */
export type Corruption = readonly string[];

/**
 * What the proof says of books that were tampered with: of all tenants, and of one left alone.
 * The guards of the database are off for this transaction only, and nothing of it stays.
 */
export async function proveCorrupted(
  db: Db,
  books: Books,
  corruption: Corruption,
  neighbour: Books,
): Promise<{ all: Proof; neighbours: Proof }> {
  let proofs: { all: Proof; neighbours: Proof } | undefined;
  const ids = { ...books, neighbour: neighbour.tenantId };
  await transact(beneath(db), "corrupt", async (tx) => {
    await tx.run(sql`set local session_replication_role = replica`);
    let touched = 0;
    for (const statement of corruption) {
      touched = await tx.run({ text: named(statement, ids), values: [] });
    }
    if (touched === 0) throw new Error(`This corrupted nothing: ${corruption.at(-1)}`);
    const all = await proveIn(tx);
    proofs = { all, neighbours: await proveIn(tx, { tenantId: neighbour.tenantId }) };
    throw new Undone();
  }).catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
  if (!proofs) throw new Error("a corruption ended without a proof");
  return proofs;
}

function named(statement: string, ids: Readonly<Record<string, string>>): string {
  return statement.replaceAll(/(?<!:):([a-zA-Z]+)/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`The books have no ${name}.`);
    return `'${id}'`;
  });
}

/** What broke, as `invariant.clause`. */
export function brokenClauses(proof: Proof): string[] {
  const clauses = proof.findings.flatMap(({ name, counterexamples }) =>
    counterexamples.map(({ clause }) => `${name}.${clause}`),
  );
  return [...new Set(clauses)];
}
