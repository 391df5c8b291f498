import type { Db } from "./open.ts";
import { sql } from "./sql.ts";
import { transact, type Tx } from "./transact.ts";

export interface Sharing {
  /** Leases are named `group/0`, `group/1`, …; who shares them is known by `group/member/…`. */
  readonly group: string;
  readonly count: number;
  readonly ownerId: string;
  readonly ttlMs: number;
}

interface Row {
  readonly name: string;
  readonly ownerId: string;
}

/**
 * Says that this member is alive and returns which of the group's leases are its own now: what it had
 * and may keep, and what nobody has, up to its fair part. Called again well within the time to live.
 */
export async function shareLeases(db: Db, sharing: Sharing): Promise<number[]> {
  const { group, count, ownerId, ttlMs } = sharing;
  const work = async (tx: Tx): Promise<number[]> => {
    const live = await tx.rows<Row>(
      sql`select name, owner_id as "ownerId" from leases
           where name >= ${`${group}/`} and name < ${`${group}0`} and until > now()`,
    );
    const isMember = ({ name }: Row) => name.startsWith(`${group}/member/`);
    const members = new Set([ownerId, ...live.filter(isMember).map((row) => row.ownerId)]);
    const fair = Math.ceil(count / members.size);
    const holders = new Map(live.map((row) => [row.name, row.ownerId]));
    const all = Array.from({ length: count }, (_, index) => index);
    const mine = all.filter((index) => holders.get(`${group}/${index}`) === ownerId);
    const free = all.filter((index) => !holders.has(`${group}/${index}`));
    const kept = [...mine, ...free].slice(0, fair);
    for (const name of [
      `${group}/member/${ownerId}`,
      ...kept.map((index) => `${group}/${index}`),
    ]) {
      await tx.write(hold(name, ownerId, ttlMs), 1);
    }
    for (const index of mine.slice(fair)) await tx.run(letGo(`${group}/${index}`, ownerId));
    return kept.toSorted((a, b) => a - b);
  };
  return transact(db, "share_leases", work, { recalls: true });
}

/** What this member had is free at once. */
export async function leaveLeases(db: Db, { group, ownerId }: Sharing): Promise<void> {
  const statement = sql`delete from leases
     where name >= ${`${group}/`} and name < ${`${group}0`} and owner_id = ${ownerId}`;
  await transact(db, "leave_leases", (tx) => tx.run(statement), { recalls: true });
}

/** The version grows when the holder is another than before. */
const hold = (name: string, ownerId: string, ttlMs: number) => sql`
  insert into leases as l (name, owner_id, version, until)
  values (${name}, ${ownerId}, 1, now() + ${ttlMs} * interval '1 millisecond')
      on conflict (name) do update
     set owner_id = excluded.owner_id, until = excluded.until,
         version = l.version + case when l.owner_id = excluded.owner_id then 0 else 1 end`;

const letGo = (name: string, ownerId: string) => sql`
  update leases set until = now() where name = ${name} and owner_id = ${ownerId}`;
