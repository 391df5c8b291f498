import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { countAsks, type AskRow, type Count, type Seen } from "./count.ts";

export interface RollUpOptions {
  /** On the clock of `performance.now()`: no slice begins after it. */
  readonly deadlineAt?: number;
  /** An ask has the time at which its transaction began: those that may still come are left alone. */
  readonly marginSeconds?: number;
}

/** Each may write five rows, and Aurora DSQL takes 3,000 in a transaction, entries of indexes included. */
const asksAtOnce = 300;
const marginDefault = 30;

/**
 * Counts a tenant's asks on for its agents, slice by slice, each in a transaction that moves the mark: it
 * may be called at any time, by several at once, and be broken off. No sale waits for it or writes for it.
 * True when there is no more to count.
 */
export async function rollUpAgents(
  db: Db,
  tenantId: string,
  { deadlineAt = Infinity, marginSeconds = marginDefault }: RollUpOptions = {},
): Promise<boolean> {
  for (;;) {
    const work = (tx: Tx): Promise<boolean> => countSlice(tx, tenantId, marginSeconds);
    if (!(await transact(db, "roll_up_agents", work, { recalls: true }))) return true;
    if (performance.now() >= deadlineAt) return false;
  }
}

/** For every real tenant that asked something since its mark; worlds have agents by the million. */
export async function rollUpAllAgents(db: Db, options: RollUpOptions = {}): Promise<number> {
  const { deadlineAt = Infinity, marginSeconds = marginDefault } = options;
  const query = sql`
    select t.tenant_id from tenants t left join agent_marks m on m.tenant_id = t.tenant_id
     where t.mode in ('live', 'test')
       and exists (select 1 from asks a
                    where a.tenant_id = t.tenant_id
                      and a.created_at > coalesce(m.counted_to, '-infinity'::timestamptz)
                      and a.created_at < now() - ${marginSeconds}::float8 * interval '1 second')
     order by t.tenant_id`;
  const due = await transact(db, "agents_due", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  let counted = 0;
  for (const [tenantId] of due) {
    if (performance.now() >= deadlineAt) break;
    await rollUpAgents(db, tenantId, options);
    counted++;
  }
  return counted;
}

const noId = "00000000-0000-0000-0000-000000000000";

/** Returns whether there may be another slice. */
async function countSlice(tx: Tx, tenantId: string, marginSeconds: number): Promise<boolean> {
  const [mark] = await tx.tuples<[countedTo: string, countedId: string]>(
    sql`select counted_to::text, counted_id::text from agent_marks where tenant_id = ${tenantId}`,
  );
  const [countedTo, countedId] = mark ?? ["-infinity", noId];
  const asks = await tx.rows<AskRow>(
    sql`select a.ask_id as "askId", a.created_at::text as at, a.kind, a.granted,
               a.asked_by as "askedBy",
               substring(a.body from '"agentId":("(?:[^"\\\\]|\\\\.)*")') as "agentText",
               substring(a.body from '"mandateId":"([0-9a-f-]{36})"') as "mandateId",
               substring(a.answer from '"reason":"([A-Z_]+)"') as reason,
               p.agent_id as "agentId", p.currency,
               (select sum(l.amount_minor)::bigint from ledger_entries l
                 where l.purchase_id = a.purchase_id and l.txn_id = a.ask_id
                   and l.account = 'MERCHANT_PAYABLE') as "paidMinor"
          from (select * from asks
                 where tenant_id = ${tenantId}
                   and (created_at, ask_id) > (${countedTo}::timestamptz, ${countedId}::uuid)
                   and created_at < now() - ${marginSeconds}::float8 * interval '1 second'
                 order by created_at, ask_id limit ${asksAtOnce}) a
          left join purchases p on p.purchase_id = a.purchase_id and p.line = 0
         order by a.created_at, a.ask_id`,
  );
  const last = asks.at(-1);
  if (!last) return false;
  const { seen, counts } = countAsks(asks);
  await Promise.all([
    tx.write(
      sql`insert into agent_marks (tenant_id, counted_to, counted_id)
          values (${tenantId}, ${last.at}::timestamptz, ${last.askId})
              on conflict (tenant_id) do update
             set counted_to = excluded.counted_to, counted_id = excluded.counted_id
           where agent_marks.counted_id = ${countedId}`,
      1,
    ),
    ...(seen.length > 0 ? [tx.run(addSeen(tenantId, seen))] : []),
    ...(counts.length > 0 ? [tx.run(addCounts(tenantId, counts))] : []),
  ]);
  return asks.length === asksAtOnce;
}

const seenColumns = new Columns<Seen>({
  agent_id: ["text", ({ agentId }) => agentId],
  asks: ["bigint", ({ asks }) => asks],
  granted: ["bigint", ({ granted }) => granted],
  first_at: ["text", ({ firstAt }) => firstAt],
  last_at: ["text", ({ lastAt }) => lastAt],
  last_ask_id: ["uuid", ({ lastAskId }) => lastAskId],
});

const addSeen = (tenantId: string, seen: readonly Seen[]) => sql`
  insert into agents (tenant_id, agent_id, asks, granted, first_at, last_at, last_ask_id)
  select ${tenantId}, k.agent_id, k.asks, k.granted, k.first_at::timestamptz,
         k.last_at::timestamptz, k.last_ask_id
    from ${seenColumns.of(seen)} as k
      on conflict (tenant_id, agent_id) do update
     set asks = agents.asks + excluded.asks, granted = agents.granted + excluded.granted,
         last_at = excluded.last_at, last_ask_id = excluded.last_ask_id`;

const countColumns = new Columns<Count>({
  agent_id: ["text", ({ agentId }) => agentId],
  what: ["text", ({ what }) => what],
  name: ["text", ({ name }) => name],
  asks: ["bigint", ({ asks }) => asks],
  amount_minor: ["bigint", ({ amountMinor }) => amountMinor],
});

const addCounts = (tenantId: string, counts: readonly Count[]) => sql`
  insert into agent_counts (tenant_id, agent_id, what, name, asks, amount_minor)
  select ${tenantId}, k.agent_id, k.what, k.name, k.asks, k.amount_minor
    from ${countColumns.of(counts)} as k
      on conflict (tenant_id, agent_id, what, name) do update
     set asks = agent_counts.asks + excluded.asks,
         amount_minor = agent_counts.amount_minor + excluded.amount_minor`;
