import type { Db } from "../db/open.ts";
import { startOf, type Page } from "../db/page.ts";
import { Columns } from "../db/rows.ts";
import { Fragment, sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { Count } from "./count.ts";

export interface Block {
  readonly at: string;
  readonly by: string;
  readonly reason: string | null;
}

export interface Agent {
  readonly agentId: string;
  readonly asks: bigint;
  readonly granted: bigint;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly block: Block | null;
  readonly counts: readonly CountRow[];
  /** Its place in the list. */
  readonly createdAt: string;
  readonly placeId: string;
}

export type CountRow = Count & {
  /** What a mandate, or a key that asked, is called. */
  readonly label: string | null;
};

type Row = Omit<Agent, "counts" | "block"> & {
  readonly blockedAt: string | null;
  readonly blockedBy: string | null;
  readonly blockReason: string | null;
};

const columns = new Fragment(
  `a.asks, a.granted, a.first_at::text as "firstAt", a.last_at::text as "lastAt",
   b.blocked_at::text as "blockedAt", b.blocked_by as "blockedBy", b.reason as "blockReason"`,
);
const noId = "00000000-0000-0000-0000-000000000000";

/** Who asked last comes first. */
export async function listAgents(db: Db, tenantId: string, page: Page): Promise<Agent[]> {
  const { createdAt, id } = startOf(page);
  const query = sql`
    select a.agent_id as "agentId", ${columns}, a.last_at::text as "createdAt",
           a.last_ask_id as "placeId"
      from agents a
      left join blocked_agents b on b.tenant_id = a.tenant_id and b.agent_id = a.agent_id
     where a.tenant_id = ${tenantId}
       and (a.last_at, a.last_ask_id) < (${createdAt}::timestamptz, ${id}::uuid)
     order by a.last_at desc, a.last_ask_id desc limit ${page.limit}`;
  return readAgents(db, tenantId, query);
}

/** Also those that never asked; who was blocked last comes first. */
export async function listBlocked(db: Db, tenantId: string, page: Page): Promise<Agent[]> {
  const { createdAt } = startOf(page);
  const query = sql`
    select b.agent_id as "agentId", ${columns}, b.blocked_at::text as "createdAt",
           ${noId} as "placeId"
      from blocked_agents b
      left join agents a on a.tenant_id = b.tenant_id and a.agent_id = b.agent_id
     where b.tenant_id = ${tenantId} and b.blocked_at < ${createdAt}::timestamptz
     order by b.blocked_at desc limit ${page.limit}`;
  return readAgents(db, tenantId, query);
}

/** Any name is an agent's: one that never asked has asked nothing. */
export async function findAgent(db: Db, tenantId: string, agentId: string): Promise<Agent> {
  const query = sql`
    select k.agent_id as "agentId", ${columns}, now()::text as "createdAt", ${noId} as "placeId"
      from (select ${agentId}::text as agent_id) k
      left join agents a on a.tenant_id = ${tenantId} and a.agent_id = k.agent_id
      left join blocked_agents b on b.tenant_id = ${tenantId} and b.agent_id = k.agent_id`;
  const [agent] = await readAgents(db, tenantId, query);
  if (!agent) throw new Error("one row was asked for");
  return agent;
}

/** Up to which moment asks are counted; undefined before the first. */
export async function readMark(db: Db, tenantId: string): Promise<string | undefined> {
  const query = sql`select counted_to::text from agent_marks where tenant_id = ${tenantId}`;
  const [row] = await transact(db, "agents_mark", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return row?.[0];
}

async function readAgents(
  db: Db,
  tenantId: string,
  query: ReturnType<typeof sql>,
): Promise<Agent[]> {
  const work = async (tx: Tx): Promise<Agent[]> => {
    const rows = await tx.rows<Row>(query);
    const counts = Map.groupBy(await countsOf(tx, tenantId, rows), ({ agentId }) => agentId);
    return rows.map(({ blockedAt, blockedBy, blockReason, ...row }) => ({
      ...row,
      asks: row.asks ?? 0n,
      granted: row.granted ?? 0n,
      block:
        blockedAt === null ? null : { at: blockedAt, by: blockedBy ?? "", reason: blockReason },
      counts: counts.get(row.agentId) ?? [],
    }));
  };
  return transact(db, "read_agents", work, { readOnly: true });
}

const agentColumns = new Columns<Row>({ agent_id: ["text", ({ agentId }) => agentId] });

async function countsOf(tx: Tx, tenantId: string, rows: readonly Row[]): Promise<CountRow[]> {
  if (rows.length === 0) return [];
  return tx.rows<CountRow>(
    sql`select c.agent_id as "agentId", c.what, c.name, c.asks, c.amount_minor as "amountMinor",
               coalesce(m.name, y.name) as label
          from ${agentColumns.of(rows)} as k
          join agent_counts c on c.tenant_id = ${tenantId} and c.agent_id = k.agent_id
          left join mandates m on c.what = 'mandate' and m.mandate_id::text = c.name
                              and m.tenant_id = ${tenantId}
          left join api_keys y on c.what = 'by' and c.name = 'key:' || y.key_id
                              and y.tenant_id = ${tenantId}
         order by c.asks desc, c.name`,
  );
}
