import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "../../db/open.ts";
import { sql, type Sql } from "../../db/sql.ts";
import { transact } from "../../db/transact.ts";
import {
  itemKey,
  mandateKey,
  nameOf,
  purchaseKey,
  totalsKey,
  type Key,
} from "../../readplane/keys.ts";
import { PlaneAwayError, type Plane } from "../../readplane/open.ts";
import { readMany, type Copy } from "../../readplane/query.ts";
import type { Copied } from "./history.ts";

/** What a copy must say by the books, in words that are not the projection's own. */
interface Fact {
  readonly key: Key;
  readonly says: string;
}

type Fields = Readonly<Record<string, string>>;

const patienceMs = 60_000;
const lookAgainMs = 50;
const shownMax = 20;

/**
 * Waits until every purchase, item, mandate and sum of a world has a copy that is equal to the books.
 * Holds may end meanwhile: each look reads both anew.
 */
export async function untilCopied(db: Db, plane: Plane, tenantId: string): Promise<Copied> {
  const startedAt = performance.now();
  for (;;) {
    const facts = await factsOf(db, tenantId);
    const wrong = await differences(plane, facts);
    const ms = performance.now() - startedAt;
    if (wrong.length === 0 || ms > patienceMs)
      return { documents: facts.length, ms, wrong: wrong.slice(0, shownMax) };
    await sleep(lookAgainMs);
  }
}

async function differences(plane: Plane, facts: readonly Fact[]): Promise<Copied["wrong"][0][]> {
  const copies = await readMany(
    plane,
    facts.map(({ key }) => key),
  ).catch((error: unknown) => {
    if (error instanceof PlaneAwayError) return new Map<string, Copy>();
    throw error;
  });
  return facts.flatMap(({ key, says }) => {
    const name = nameOf(key);
    const said = saidBy(key, copies.get(name));
    return said === says
      ? []
      : [{ name, says: `the books say ${says}, and what was told is ${said}` }];
  });
}

/** A copy's own fields, as the facts below name them. */
function saidBy({ pk }: Key, copy: Copy | undefined): string {
  if (copy === undefined) return "nothing";
  const view = copy.view as Fields & { lines: readonly Fields[]; sums: readonly Fields[] };
  const { version } = copy;
  const [noun] = pk.split("#");
  switch (noun) {
    case "purchase": {
      const sum = (field: string): bigint =>
        view.lines.reduce((all, line) => all + BigInt(line[field] ?? "0"), 0n);
      const settled = `${sum("settledQuantity")} for ${sum("settledMinor")}`;
      return `${view.state}, ${settled}, ${sum("refundedMinor")} back, version ${version}`;
    }
    case "item":
      return `${view.available} there, version ${version}`;
    case "mandate":
      return `${view.spentMinor} of ${view.capMinor} spent, version ${version}`;
    default:
      return view.sums
        .map((one) => `${one.account} ${one.kind} ${one.amountMinor} in ${one.legs}`)
        .toSorted()
        .join(", ");
  }
}

function factsOf(db: Db, tenantId: string): Promise<Fact[]> {
  return transact(
    db,
    "read_facts",
    async (tx) => {
      const facts: Fact[] = [];
      for (const [keyIn, query] of queries(tenantId)) {
        for (const row of await tx.rows<{ id: string; of: string; says: string }>(query))
          facts.push({ key: keyIn(row.id, row.of), says: row.says });
      }
      return facts;
    },
    { readOnly: true, attemptTimeoutMs: patienceMs, deadlineAt: performance.now() + patienceMs },
  );
}

/** What nobody has changed yet has no copy, and needs none. */
const queries = (
  tenantId: string,
): readonly (readonly [(id: string, of: string) => Key, Sql])[] => [
  [
    purchaseKey,
    sql`select purchase_id as id, '' as of,
               concat(min(state), ', ', sum(settled_quantity), ' for ', sum(settled_minor), ', ',
                      sum(refunded_minor), ' back, version ', sum(version)) as says
          from purchases where tenant_id = ${tenantId} group by purchase_id`,
  ],
  [
    itemKey,
    sql`select i.item_id as id, '' as of,
               concat(sum(b.available), ' there, version ', sum(b.version)) as says
          from items i join stock_buckets b on b.pool_id = i.pool_id
         where i.tenant_id = ${tenantId} group by i.item_id having sum(b.version) > 0`,
  ],
  [
    mandateKey,
    sql`select m.mandate_id as id, '' as of,
               concat(m.cap_minor - sum(b.remaining_minor), ' of ', m.cap_minor, ' spent, version ',
                      sum(b.version)) as says
          from mandates m join mandate_buckets b on b.mandate_id = m.mandate_id
         where m.tenant_id = ${tenantId}
         group by m.mandate_id, m.cap_minor having sum(b.version) > 0`,
  ],
  [
    totalsKey,
    sql`select id, currency as of,
               string_agg(concat(account, ' ', kind, ' ', amount, ' in ', legs), ', '
                          order by concat(account, ' ', kind) collate "C") as says
          from (select case t when 'tenant' then tenant_id else owner_id end as id, currency, account,
                       kind, sum(amount_minor) as amount, count(*) as legs
                  from ledger_entries, (values ('tenant'), ('merchant')) as of(t)
                 where tenant_id = ${tenantId} and account <> 'MANDATE_RESERVED'
                 group by 1, 2, 3, 4) sums
         group by id, currency`,
  ],
];
