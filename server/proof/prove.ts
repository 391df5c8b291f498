import { InvariantError } from "../base/assert.ts";
import type { Db } from "../db/open.ts";
import { sql, type Sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { Invariant } from "./invariant.ts";
import { invariants } from "./invariants.ts";

/** A row that should not be. `clause` says which part of the invariant it breaks. */
export type Counterexample = Readonly<Record<string, unknown>> & { readonly clause: string };

export interface Finding {
  readonly name: string;
  readonly says: string;
  readonly kind: Invariant["kind"];
  /** Exact, also when more were found than are shown. */
  readonly count: number;
  readonly counterexamples: readonly Counterexample[];
  readonly ms: number;
}

export interface Proof {
  /** The world that was proven; null for all of them. */
  readonly tenantId: string | null;
  /** The moment of the snapshot, on the database's clock. */
  readonly at: Date;
  readonly ms: number;
  readonly findings: readonly Finding[];
}

export interface ProveOptions {
  readonly tenantId?: string | undefined;
}

const timeoutMs = 600_000;

/**
 * For this transaction alone, whatever its connection was tuned for. The queries read whole tables:
 * a third of the time went to small hashes and to compiling (measured with 300,000 purchases).
 */
const forWholeTables: readonly Sql[] = [
  sql`set local work_mem = '32MB'`,
  sql`set local jit = off`,
  sql`set local enable_nestloop = off`,
  sql`set local enable_seqscan = on`,
  sql`set local enable_hashjoin = on`,
  sql`set local enable_mergejoin = on`,
  sql`set local enable_bitmapscan = on`,
];

/** All of it against one snapshot, so that no two findings can disagree about the moment. */
export function prove(db: Db, options: ProveOptions = {}): Promise<Proof> {
  return overWholeTables(db, "prove", (tx) => proveIn(tx, options));
}

/** One of them, of all tenants unless one is named: for who goes through them in turn. */
export function proveOne(
  db: Db,
  invariant: Invariant,
  { tenantId = null, patienceMs = timeoutMs }: OneOptions = {},
): Promise<Finding> {
  return overWholeTables(db, "prove_one", (tx) => examine(tx, invariant, tenantId), patienceMs);
}

export interface OneOptions {
  readonly tenantId?: string | null;
  /** After it whoever asked is told that it takes too long. */
  readonly patienceMs?: number;
}

function overWholeTables<T>(
  db: Db,
  name: string,
  look: (tx: Tx) => Promise<T>,
  patienceMs = timeoutMs,
): Promise<T> {
  const settings = db.dialect.name === "postgres" ? forWholeTables : [];
  const work = async (tx: Tx): Promise<T> => {
    await Promise.all(settings.map((setting) => tx.run(setting)));
    return look(tx);
  };
  return transact(db, name, work, {
    readOnly: true,
    attemptsMax: 3,
    attemptTimeoutMs: patienceMs,
    deadlineAt: performance.now() + patienceMs,
  });
}

/** The same inside a transaction that already is: what it wrote itself is proven too. */
export async function proveIn(tx: Tx, options: ProveOptions = {}): Promise<Proof> {
  const tenantId = options.tenantId ?? null;
  const startedAt = performance.now();
  const clock = await tx.rows<{ at: Date }>(sql`select now() as at`);
  const findings: Finding[] = [];
  for (const invariant of invariants) findings.push(await examine(tx, invariant, tenantId));
  const at = clock[0]?.at ?? new Date(0);
  return { tenantId, at, ms: performance.now() - startedAt, findings };
}

async function examine(tx: Tx, invariant: Invariant, tenantId: string | null): Promise<Finding> {
  const { name, says, kind } = invariant;
  const startedAt = performance.now();
  const counterexamples: Counterexample[] = [];
  let count = 0;
  for (const query of invariant.counterexamples(tenantId)) {
    const rows = await tx.rows<Counterexample & { total: bigint }>(query);
    count += Number(rows[0]?.total ?? 0n);
    for (const { total: _, ...row } of rows) counterexamples.push(row as Counterexample);
  }
  return { name, says, kind, count, counterexamples, ms: performance.now() - startedAt };
}

export function holds(proof: Proof): boolean {
  return proof.findings.every(({ count }) => count === 0);
}

export interface FourNumbers {
  readonly oversells: number;
  readonly duplicateSettlements: number;
  readonly ledgerDrift: number;
  readonly mandateBreaches: number;
}

/** What is shown to the world: each is zero, or somebody was wronged. */
export function fourNumbers(proof: Proof): FourNumbers {
  const counts = new Map(proof.findings.map(({ name, count }) => [name, count]));
  const countOf = (name: string): number => {
    const count = counts.get(name);
    if (count === undefined) throw new InvariantError(`the proof has no finding named ${name}`);
    return count;
  };
  return {
    oversells: countOf("oversells"),
    duplicateSettlements: countOf("duplicate_settlements"),
    ledgerDrift: countOf("ledger_drift"),
    mandateBreaches: countOf("mandate_breaches"),
  };
}
