import { randomUUID } from "node:crypto";
import type { Db } from "./open.ts";
import { sql } from "./sql.ts";
import { transact, type Tx } from "./transact.ts";

export interface Lease {
  readonly name: string;
  readonly ownerId: string;
  /** Grows with every holder. */
  readonly version: bigint;
}

interface LeaseRow {
  readonly ownerId: string;
  readonly version: bigint;
  readonly isOver: boolean;
}

/** Undefined while somebody else has it. The clock is the database's; of two at once one loses a race. */
export async function takeLease(
  db: Db,
  name: string,
  ttlMs: number,
  ownerId: string = randomUUID(),
): Promise<Lease | undefined> {
  const work = async (tx: Tx): Promise<Lease | undefined> => {
    const [row] = await tx.rows<LeaseRow>(
      sql`select owner_id as "ownerId", version, until <= now() as "isOver"
            from leases where name = ${name}`,
    );
    if (row && row.ownerId !== ownerId && !row.isOver) return undefined;
    const isMine = row?.ownerId === ownerId && !row.isOver;
    const version = row === undefined ? 1n : isMine ? row.version : row.version + 1n;
    await tx.write(
      row === undefined
        ? sql`insert into leases (name, owner_id, version, until)
              values (${name}, ${ownerId}, 1, now() + ${ttlMs} * interval '1 millisecond')`
        : sql`update leases
                 set owner_id = ${ownerId}, version = ${version},
                     until = now() + ${ttlMs} * interval '1 millisecond'
               where name = ${name} and version = ${row.version}`,
      1,
    );
    return { name, ownerId, version };
  };
  return transact(db, "take_lease", work, { recalls: true });
}

/** False when it is no longer ours. */
export async function extendLease(
  db: Db,
  { name, ownerId, version }: Lease,
  ttlMs: number,
): Promise<boolean> {
  const statement = sql`update leases set until = now() + ${ttlMs} * interval '1 millisecond'
     where name = ${name} and owner_id = ${ownerId} and version = ${version} and until > now()`;
  const work = (tx: Tx) => tx.run(statement);
  return (await transact(db, "extend_lease", work, { recalls: true })) === 1;
}

export async function giveLeaseBack(
  db: Db,
  { name, ownerId, version }: Lease,
  restMs = 0,
): Promise<void> {
  const statement = sql`update leases set until = now() + ${restMs} * interval '1 millisecond'
     where name = ${name} and owner_id = ${ownerId} and version = ${version}`;
  await transact(db, "give_lease_back", (tx) => tx.run(statement), { recalls: true });
}

/**
 * Runs `work` while nobody else runs it under this name; undefined when somebody does. The lease is
 * extended as long as the work lasts, and the signal fires when it could not be: the work then ends
 * soon, and another may already have begun. `restMs`: how long nobody takes it afterwards.
 */
export async function withLease<T>(
  db: Db,
  name: string,
  ttlMs: number,
  work: (signal: AbortSignal, lease: Lease) => Promise<T>,
  { signal, restMs = 0 }: { signal?: AbortSignal; restMs?: number } = {},
): Promise<T | undefined> {
  const lease = await takeLease(db, name, ttlMs);
  if (lease === undefined) return undefined;
  const lost = new AbortController();
  let heldUntil = performance.now() + ttlMs;
  const beat = setInterval(() => {
    const askedAt = performance.now();
    extendLease(db, lease, ttlMs).then(
      (isOurs) => (isOurs ? (heldUntil = askedAt + ttlMs) : lost.abort()),
      () => performance.now() > heldUntil && lost.abort(),
    );
  }, ttlMs / 3);
  try {
    return await work(AbortSignal.any([lost.signal, ...(signal ? [signal] : [])]), lease);
  } finally {
    clearInterval(beat);
    // Whoever cannot be told waits until it is over.
    await giveLeaseBack(db, lease, restMs).catch(() => undefined);
  }
}
