import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import type { KeyMode } from "./api-key.ts";
import { readList } from "./keyring.ts";

/** A key as its owner sees it: everything but the secret, of which there is nothing to show. */
export interface ApiKey {
  readonly keyId: string;
  readonly tenantId: string;
  readonly mode: KeyMode;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly agentIds: readonly string[] | null;
  readonly mandateIds: readonly string[] | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly replacedBy: string | null;
  readonly expired: boolean;
}

type Row = Omit<ApiKey, "scopes" | "agentIds" | "mandateIds"> & {
  readonly scopes: string;
  readonly agentIds: string | null;
  readonly mandateIds: string | null;
};

export async function readKey(tx: Tx, keyId: string): Promise<ApiKey | undefined> {
  const [row] = await tx.rows<Row>(
    sql`select key_id as "keyId", tenant_id as "tenantId", mode, name, scopes, agent_ids as "agentIds",
               mandate_ids as "mandateIds", created_by as "createdBy", created_at as "createdAt",
               expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt",
               replaced_by as "replacedBy", coalesce(expires_at <= now(), false) as expired
          from api_keys where key_id = ${keyId}`,
  );
  return row && withLists(row);
}

/** The newest first; `before` is where the page before ended. */
export async function readKeys(
  tx: Tx,
  tenantId: string,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<ApiKey[]> {
  const rows = await tx.rows<Row>(
    sql`select key_id as "keyId", tenant_id as "tenantId", mode, name, scopes, agent_ids as "agentIds",
               mandate_ids as "mandateIds", created_by as "createdBy", created_at as "createdAt",
               expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt",
               replaced_by as "replacedBy", coalesce(expires_at <= now(), false) as expired
          from api_keys
         where tenant_id = ${tenantId}
           and (${before ?? null}::text is null
                or (created_at, key_id) < (select created_at, key_id from api_keys
                                            where key_id = ${before ?? null} and tenant_id = ${tenantId}))
         order by created_at desc, key_id desc
         limit ${limit}`,
  );
  return rows.map(withLists);
}

function withLists(row: Row): ApiKey {
  return {
    ...row,
    scopes: readList(row.scopes) ?? [],
    agentIds: readList(row.agentIds),
    mandateIds: readList(row.mandateIds),
  };
}

/** A row to be. It lives until a moment, or as long as another key was meant to, or for ever. */
export interface NewRow {
  readonly keyId: string;
  readonly tenantId: string;
  readonly mode: KeyMode;
  readonly name: string;
  readonly secretHash: string;
  readonly scopes: readonly string[];
  readonly agentIds: readonly string[] | null;
  readonly mandateIds: readonly string[] | null;
  readonly createdBy: string;
  readonly expiresAtMs: number | null;
  readonly lifeSeconds: number | null;
}

export async function insertKey(tx: Tx, row: NewRow): Promise<void> {
  await tx.write(
    sql`insert into api_keys (key_id, tenant_id, mode, name, secret_hash, scopes, agent_ids, mandate_ids,
                              created_by, expires_at)
        values (${row.keyId}, ${row.tenantId}, ${row.mode}, ${row.name}, ${row.secretHash},
                ${JSON.stringify(row.scopes)}, ${listText(row.agentIds)}, ${listText(row.mandateIds)},
                ${row.createdBy},
                coalesce(to_timestamp(${row.expiresAtMs}::float8 / 1000),
                         now() + ${row.lifeSeconds}::float8 * interval '1 second'))`,
    1,
  );
}

function listText(list: readonly string[] | null): string | null {
  return list === null ? null : JSON.stringify(list);
}
