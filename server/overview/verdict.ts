import type { Db } from "../db/open.ts";
import type { Invariant } from "../proof/invariant.ts";
import { invariants } from "../proof/invariants.ts";
import { readNoted, type Noted } from "../proof/noted.ts";
import { proveOne } from "../proof/prove.ts";

/** How an invariant stands for one tenant. */
export interface Found {
  readonly name: string;
  readonly says: string;
  readonly kind: Invariant["kind"];
  /** In some tenant's books, as the round saw it. */
  readonly isBroken: boolean;
  readonly count: number | null;
  readonly checkedAt: Date | null;
}

export type Verdict = (tenantId: string) => Promise<readonly Found[]>;

const patienceMs = 5_000;
const keptMax = 1_000;

/**
 * What the worker's round noted, seen by one tenant. Where nobody's books are broken, neither are this
 * tenant's. Else they are looked at by themselves: once for each time that the round came by, because
 * it reads whole tables.
 */
export function openVerdict(db: Db): Verdict {
  const looked = new Map<string, Promise<number | null>>();
  const countOwn = (invariant: Invariant, tenantId: string, noted: Noted) => {
    const key = `${invariant.name} ${tenantId} ${noted.checkedAt.getTime()}`;
    const known = looked.get(key);
    if (known) return known;
    if (looked.size >= keptMax) looked.clear();
    const looking = proveOne(db, invariant, { tenantId, patienceMs }).then(
      ({ count }) => count,
      () => null,
    );
    looked.set(key, looking);
    return looking;
  };
  return async (tenantId) => {
    const noted = await readNoted(db);
    const all = invariants.map(async (invariant): Promise<Found> => {
      const { name, says, kind } = invariant;
      const seen = noted.get(name);
      if (!seen) return { name, says, kind, isBroken: false, count: null, checkedAt: null };
      const isBroken = seen.breaches > 0n;
      const count = isBroken ? await countOwn(invariant, tenantId, seen) : 0;
      return { name, says, kind, isBroken, count, checkedAt: seen.checkedAt };
    });
    return Promise.all(all);
  };
}
