import type { Sql } from "../db/sql.ts";

/** What must be true of the books, as queries for its own counterexamples. */
export interface Invariant {
  readonly name: string;
  readonly says: string;
  readonly kind: "invariant" | "audit";
  /** Of one tenant, or of all when null. Each row has a `clause` and the exact count as `total`. */
  counterexamples(tenantId: string | null): readonly Sql[];
}

/** Enough to understand what broke; the count beside them is exact. */
export const shownMax = 100;

/**
 * Queries are constant texts in which `$1` is the tenant, so that one may name it many times.
 * They hold no correlated subquery, and bring big sums together by UNION ALL or FULL JOIN: neither
 * can become a nested loop, whatever the planner's statistics say.
 */
export function queries(...texts: readonly string[]): Invariant["counterexamples"] {
  const wrapped = texts.map(
    (text) => `select count(*) over () as total, broken.* from (${text}) broken limit ${shownMax}`,
  );
  return (tenantId) => wrapped.map((text) => ({ text, values: [tenantId] }));
}

/** The rows of the tenant in question; of a world that is being deleted nothing need be true. */
export function ofTenant(alias?: string): string {
  const column = alias === undefined ? "tenant_id" : `${alias}.tenant_id`;
  const purged = "(select world_id from world_purges)";
  return `(($1::uuid is null or ${column} = $1::uuid) and ${column} not in ${purged})`;
}

/** Units of a line that are not in any bucket. */
export const unitsOut = `case state when 'held' then quantity
       when 'settled' then settled_quantity - returned_quantity else 0 end`;

/** Money of a line that is not in any bucket. */
export const moneyOut = `case state when 'held' then amount_minor
       when 'settled' then settled_minor - refunded_minor else 0 end`;
