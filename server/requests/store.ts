import type { Db } from "../db/open.ts";
import { startOf, type Page } from "../db/page.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
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

export interface ShownRequest extends Omit<LoggedRequest, "tenantId" | "atMs"> {
  readonly createdAt: string;
}

export interface RequestFilter {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly route?: string | undefined;
  readonly keyId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export async function listRequests(
  tx: Tx,
  tenantId: string,
  { status, code, route, keyId, idempotencyKey, ...page }: Page & RequestFilter,
): Promise<ShownRequest[]> {
  const { createdAt, id } = startOf(page);
  const caller = keyId === undefined ? null : `key:${keyId}`;
  return tx.rows<ShownRequest>(
    sql`select request_id as "requestId", created_at::text as "createdAt", method, route, status, code, ms,
               caller, idempotency_key as "idempotencyKey", replayed, stands_for as "standsFor"
          from request_log
         where tenant_id = ${tenantId}
           and (created_at, request_id) < (${createdAt}::timestamptz, ${id}::uuid)
           and (${status ?? null}::integer is null or status = ${status ?? null}::integer)
           and (${code ?? null}::text is null or code = ${code ?? null}::text)
           and (${route ?? null}::text is null or route = ${route ?? null}::text)
           and (${caller}::text is null or caller = ${caller}::text)
           and (${idempotencyKey ?? null}::text is null or idempotency_key = ${idempotencyKey ?? null}::text)
         order by created_at desc, request_id desc
         limit ${page.limit}`,
  );
}
