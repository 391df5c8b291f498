import { z } from "zod";
import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { mayUse, type Caller } from "./caller.ts";

/** Who did something, for people to read: beside the id the name that stands for it. */
export const actorView = z
  .object({
    kind: z.string().meta({ description: "`person`, `key`, `command` or `system`." }),
    id: z.string(),
    name: z.string().nullable().meta({ description: "Null when it is gone, or never had one." }),
    email: z
      .string()
      .optional()
      .meta({ description: "Of a person, for whoever may see the people." }),
  })
  .meta({ id: "Actor" });

export type ActorView = z.output<typeof actorView>;
export type NameActor = (written: string) => ActorView;

interface Row {
  readonly actor: string;
  readonly name: string;
  readonly email: string | null;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Names those that rows of the caller's tenant have written down as `person:…` or `key:…`. */
export async function nameActors(
  db: Db,
  caller: Caller,
  written: readonly string[],
): Promise<NameActor> {
  const ids = (kind: string): string[] => [
    ...new Set(written.filter((one) => one.startsWith(`${kind}:`)).map((one) => split(one).id)),
  ];
  const people = ids("person").filter((id) => uuid.test(id));
  const keys = ids("key");
  const rows = people.length + keys.length === 0 ? [] : await read(db, caller, people, keys);
  const known = new Map(rows.map((row) => [row.actor, row]));
  const isTold = mayUse(caller, "people:read") === undefined;
  return (one) => {
    const { name = null, email = null } = known.get(one) ?? {};
    return { ...split(one), name, ...(isTold && email !== null && { email }) };
  };
}

async function read(
  db: Db,
  { tenantId }: Caller,
  people: readonly string[],
  keys: readonly string[],
): Promise<Row[]> {
  const query = sql`
    select 'person:' || person_id::text as actor, name, email from people
     where person_id = any(string_to_array(${lines(people)}, E'\n')::uuid[])
     union all
    select 'key:' || key_id, name, null from api_keys
     where key_id = any(string_to_array(${lines(keys)}, E'\n')) and tenant_id = ${tenantId}`;
  return transact(db, "name_actors", (tx) => tx.rows<Row>(query), { readOnly: true });
}

function split(written: string): { readonly kind: string; readonly id: string } {
  const at = written.indexOf(":");
  return { kind: written.slice(0, at), id: written.slice(at + 1) };
}
