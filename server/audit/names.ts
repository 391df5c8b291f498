import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
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

/** One query for a page. Of things, only those of the tenant: an entry may name anything. */
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
  const of = (kind: string, form: RegExp): Wanted[] =>
    unique.filter((one) => one.kind === kind && form.test(one.id));
  const work = async (tx: Tx): Promise<(readonly [string, string])[]> => {
    const read = async (kind: string, query: ReturnType<typeof sql>) => {
      const rows = await tx.tuples<[id: string, name: string]>(query);
      return rows.map(([id, name]) => [`${kind} ${id}`, name] as const);
    };
    const [people, keys, items, merchants, mandates, webhooks] = [
      of("person", uuid),
      of("api_key", keyId),
      of("item", uuid),
      of("merchant", uuid),
      of("mandate", uuid),
      of("webhook", uuid),
    ] as const;
    const some = (list: readonly Wanted[], kind: string, query: () => ReturnType<typeof sql>) =>
      list.length === 0 ? [] : [read(kind, query())];
    const found = await Promise.all([
      ...some(
        people,
        "person",
        () => sql`select k.id, p.name from ${uuids.of(people)} as k
                    join people p on p.person_id = k.id`,
      ),
      ...some(
        keys,
        "api_key",
        () => sql`select k.id, a.name from ${texts.of(keys)} as k
                    join api_keys a on a.key_id = k.id and a.tenant_id = ${tenantId}`,
      ),
      ...some(
        items,
        "item",
        () => sql`select k.id, i.name from ${uuids.of(items)} as k
                    join items i on i.item_id = k.id and i.tenant_id = ${tenantId}`,
      ),
      ...some(
        merchants,
        "merchant",
        () => sql`select k.id, m.name from ${uuids.of(merchants)} as k
                    join merchants m on m.merchant_id = k.id and m.tenant_id = ${tenantId}`,
      ),
      ...some(
        mandates,
        "mandate",
        () => sql`select k.id, m.name from ${uuids.of(mandates)} as k
                    join mandates m on m.mandate_id = k.id and m.tenant_id = ${tenantId}`,
      ),
      ...some(
        webhooks,
        "webhook",
        () => sql`select k.id, w.url from ${uuids.of(webhooks)} as k
                    join webhook_endpoints w on w.endpoint_id = k.id and w.tenant_id = ${tenantId}`,
      ),
    ]);
    return found.flat();
  };
  return new Map(await transact(db, "audit_names", work, { readOnly: true }));
}
