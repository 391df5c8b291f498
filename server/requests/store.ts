import type { Db } from "../db/open.ts";
import { startOf, type Page } from "../db/page.ts";
import { Columns } from "../db/rows.ts";
import { Fragment, sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

export interface LoggedRequest {
  readonly tenantId: string;
  readonly requestId: string;
  readonly atMs: number;
  readonly method: string;
  /** The template, never the path. */
  readonly route: string;
  /** Null when the client went away before its answer. */
  readonly status: number | null;
  /** Of the problem that was answered. */
  readonly code: string | null;
  readonly ms: number;
  /** `key:…` or `person:…`. */
  readonly caller: string;
  readonly idempotencyKey: string | null;
  readonly replayed: boolean | null;
  /** The id of what it was about: of its path, or of what it made. */
  readonly subjectId: string | null;
  readonly userAgent: string | null;
  readonly standsFor: number;
}

const columns = new Columns<LoggedRequest>({
  request_id: ["uuid", (r) => r.requestId],
  tenant_id: ["uuid", (r) => r.tenantId],
  created_at: ["time", (r) => r.atMs],
  method: ["text", (r) => r.method],
  route: ["text", (r) => r.route],
  status: ["integer?", (r) => r.status],
  code: ["text?", (r) => r.code],
  ms: ["integer", (r) => r.ms],
  caller: ["text", (r) => r.caller],
  idempotency_key: ["text?", (r) => r.idempotencyKey],
  replayed: ["boolean?", (r) => r.replayed],
  subject_id: ["text?", (r) => r.subjectId],
  user_agent: ["text?", (r) => r.userAgent],
  stands_for: ["integer", (r) => r.standsFor],
});

const patienceMs = 2_000;

export async function writeRows(db: Db, rows: readonly LoggedRequest[]): Promise<void> {
  const statement = sql`
    insert into request_log (${columns.names})
    select ${columns.names} from ${columns.of(rows)} as r
        on conflict (tenant_id, created_at, request_id) do nothing`;
  await transact(db, "request_log", (tx) => tx.run(statement), {
    recalls: true,
    deadlineAt: performance.now() + patienceMs,
    attemptTimeoutMs: patienceMs,
  });
}

export interface ShownRequest extends Omit<LoggedRequest, "atMs"> {
  readonly createdAt: string;
}

const select = new Fragment(`
  select request_id as "requestId", tenant_id as "tenantId", created_at::text as "createdAt", method, route,
         status, code, ms, caller, idempotency_key as "idempotencyKey", replayed, subject_id as "subjectId",
         user_agent as "userAgent", stands_for as "standsFor"
    from request_log`);

export interface RequestFilter {
  /** The least and the most. */
  readonly statuses?: readonly [number, number] | undefined;
  readonly method?: string | undefined;
  readonly by?: "key" | "person" | undefined;
  readonly replayed?: boolean | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly code?: string | undefined;
  readonly route?: string | undefined;
  readonly keyId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export async function listRequests(
  tx: Tx,
  tenantId: string,
  { code, route, keyId, idempotencyKey, ...filter }: Page & RequestFilter,
): Promise<ShownRequest[]> {
  const { statuses, method, by, replayed, from, to, ...page } = filter;
  const { createdAt, id } = startOf(page);
  const [least, most] = statuses ?? [null, null];
  const caller = keyId === undefined ? null : `key:${keyId}`;
  return tx.rows<ShownRequest>(
    sql`${select}
         where tenant_id = ${tenantId}
           and (created_at, request_id) < (${createdAt}::timestamptz, ${id}::uuid)
           and created_at >= coalesce(${from ?? null}::timestamptz, '-infinity')
           and created_at < coalesce(${to ?? null}::timestamptz, 'infinity')
           and (${least}::integer is null or status between ${least}::integer and ${most}::integer)
           and (${method ?? null}::text is null or method = ${method ?? null}::text)
           and (${by ?? null}::text is null or split_part(caller, ':', 1) = ${by ?? null}::text)
           and (${replayed ?? null}::boolean is null or replayed = ${replayed ?? null}::boolean)
           and (${code ?? null}::text is null or code = ${code ?? null}::text)
           and (${route ?? null}::text is null or route = ${route ?? null}::text)
           and (${caller}::text is null or caller = ${caller}::text)
           and (${idempotencyKey ?? null}::text is null or idempotency_key = ${idempotencyKey ?? null}::text)
         order by created_at desc, request_id desc
         limit ${page.limit}`,
  );
}

/** Whoever's it is: who asks decides what another tenant's means. */
export async function findRequest(tx: Tx, requestId: string): Promise<ShownRequest | undefined> {
  const [found] = await tx.rows<ShownRequest>(sql`${select} where request_id = ${requestId}`);
  return found;
}
