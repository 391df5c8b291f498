import type { NewEntry } from "../audit/entry.ts";
import { instanceChain } from "../audit/instance-chain.ts";
import { record } from "../audit/record.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";

type By = Pick<NewEntry, "actor" | "ip" | "requestId">;

interface Change {
  readonly organisationId: string;
  /** That of whoever does this. */
  readonly ownId: string;
}

/**
 * From here on its keys and its people are refused wherever they are looked up: at once on this server, within
 * a second on others. Of one that is suspended already the reason is replaced.
 */
export async function suspend(
  db: Db,
  { organisationId, ownId, reason }: Change & { readonly reason: string },
  by: By,
): Promise<void> {
  await refusable(db, "suspend_organisation", async (tx) => {
    const before = await find(tx, organisationId);
    if (!before) return new Problem("UNKNOWN_ORGANISATION");
    if (organisationId === ownId) return new Problem("OWN_ORGANISATION");
    if (before.reason === reason) return undefined;
    await tx.write(
      sql`update organisations
             set suspended_at = coalesce(suspended_at, now()), suspended_reason = ${reason}
           where organisation_id = ${organisationId}`,
      1,
    );
    return recordBoth(tx, before, by, { action: "organisation.suspend", reason });
  });
}

/** Its keys and sessions work again as they are: who was revoked or ran out meanwhile stays so. */
export async function reopen(db: Db, organisationId: string, by: By): Promise<void> {
  await refusable(db, "reopen_organisation", async (tx) => {
    const before = await find(tx, organisationId);
    if (!before) return new Problem("UNKNOWN_ORGANISATION");
    if (before.reason === null) return undefined;
    await tx.write(
      sql`update organisations set suspended_at = null, suspended_reason = null
           where organisation_id = ${organisationId}`,
      1,
    );
    return recordBoth(tx, before, by, { action: "organisation.reopen" });
  });
}

interface Found {
  readonly organisationId: string;
  readonly name: string;
  readonly liveTenantId: string;
  /** Null: it is open. */
  readonly reason: string | null;
}

async function find(tx: Tx, organisationId: string): Promise<Found | undefined> {
  const [found] = await tx.rows<Found>(
    sql`select o.organisation_id as "organisationId", o.name, live.tenant_id as "liveTenantId",
               o.suspended_reason as reason
          from organisations o
          join tenants live on live.organisation_id = o.organisation_id and live.mode = 'live'
         where o.organisation_id = ${organisationId}`,
  );
  return found;
}

/** In its own log, for its people, and in that of the instance, for who runs it. */
async function recordBoth(
  tx: Tx,
  { organisationId, name, liveTenantId, reason: was }: Found,
  by: By,
  what: { readonly action: string; readonly reason?: string },
): Promise<undefined> {
  const after = { name, suspended: what.reason !== undefined };
  const object = { kind: "organisation", id: organisationId };
  const before = { name, suspended: was !== null, ...(was !== null && { reason: was }) };
  for (const tenantId of [liveTenantId, instanceChain]) {
    await record(tx, { tenantId, object, before, after, ...what, ...by });
  }
  return undefined;
}
