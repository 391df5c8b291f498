import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { instanceChain } from "./instance-chain.ts";
import type { HashedEntry } from "./verify-chain.ts";

/** What ids in the log are called now, by `kind id`. Who was removed has no name here any more. */
export type Names = ReadonlyMap<string, string>;

export function nameOf(names: Names, kind: string, id: string): string | null {
  return names.get(`${kindOf(kind)} ${id}`) ?? null;
}

/** A key is called `key` where it acts and `api_key` where it is acted on. */
const kindOf = (kind: string): string => (kind === "key" ? "api_key" : kind);

interface Wanted {
  readonly kind: string;
  readonly id: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const keyId = /^[0-9A-Za-z]{22}$/;
const uuids = new Columns<Wanted>({ id: ["uuid", ({ id }) => id] });
const texts = new Columns<Wanted>({ id: ["text", ({ id }) => id] });

type Read = (of: readonly Wanted[], tenantId: string) => ReturnType<typeof sql>;

/** Of things, only those of the tenant: an entry may name anything. */
const kinds: readonly (readonly [kind: string, form: RegExp, read: Read])[] = [
  [
    "person",
    uuid,
    (of) => sql`select k.id, p.name from ${uuids.of(of)} as k
                  join people p on p.person_id = k.id`,
  ],
  [
    "api_key",
    keyId,
    (of, tenantId) => sql`select k.id, a.name from ${texts.of(of)} as k
                            join api_keys a on a.key_id = k.id and a.tenant_id = ${tenantId}`,
  ],
  [
    "item",
    uuid,
    (of, tenantId) => sql`select k.id, i.name from ${uuids.of(of)} as k
                            join items i on i.item_id = k.id and i.tenant_id = ${tenantId}`,
  ],
  [
    "merchant",
    uuid,
    (of, tenantId) => sql`select k.id, m.name from ${uuids.of(of)} as k
                            join merchants m on m.merchant_id = k.id and m.tenant_id = ${tenantId}`,
  ],
  [
    "mandate",
    uuid,
    (of, tenantId) => sql`select k.id, m.name from ${uuids.of(of)} as k
                            join mandates m on m.mandate_id = k.id and m.tenant_id = ${tenantId}`,
  ],
  [
    "webhook",
    uuid,
    (of, tenantId) => sql`select k.id, w.url from ${uuids.of(of)} as k
                            join webhook_endpoints w on w.endpoint_id = k.id
                             and w.tenant_id = ${tenantId}`,
  ],
  [
    "organisation",
    uuid,
    // The log of the instance names organisations of others; each other log its own.
    (of, tenantId) => sql`select distinct k.id, o.name from ${uuids.of(of)} as k
                            join organisations o on o.organisation_id = k.id
                            join tenants t on t.organisation_id = k.id
                             and (t.tenant_id = ${tenantId} or ${tenantId}::uuid = ${instanceChain}::uuid)`,
  ],
];

/** One trip for a page. */
export async function readNames(
  db: Db,
  tenantId: string,
  entries: readonly HashedEntry[],
): Promise<Names> {
  const named = entries.flatMap(({ actorKind, actorId, objectKind, objectId }): Wanted[] => [
    { kind: kindOf(actorKind), id: actorId },
    { kind: kindOf(objectKind), id: objectId },
  ]);
  const unique = [...new Map(named.map((one) => [`${one.kind} ${one.id}`, one])).values()];
  const work = async (tx: Tx): Promise<(readonly [string, string])[]> => {
    const found = await Promise.all(
      kinds.map(async ([kind, form, read]) => {
        const of = unique.filter((one) => one.kind === kind && form.test(one.id));
        if (of.length === 0) return [];
        const rows = await tx.tuples<[id: string, name: string]>(read(of, tenantId));
        return rows.map(([id, name]) => [`${kind} ${id}`, name] as const);
      }),
    );
    return found.flat();
  };
  return new Map(await transact(db, "audit_names", work, { readOnly: true }));
}
