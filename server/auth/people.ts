import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import type { Role } from "./roles.ts";
import { suspensionColumns, type SuspensionRow } from "./suspension.ts";

/** Somebody with an account, and where it belongs. */
export interface Person extends SuspensionRow {
  readonly personId: string;
  readonly email: string;
  readonly name: string;
  readonly isInstanceOperator: boolean;
  readonly role: Role;
  readonly organisationId: string;
  readonly organisation: string;
  readonly liveTenantId: string;
  readonly testTenantId: string;
  readonly createdAt: string;
}

export const personColumns = new Fragment(`
  p.person_id as "personId", p.email, p.name, p.instance_operator as "isInstanceOperator", m.role,
  m.organisation_id as "organisationId", o.name as organisation, live.tenant_id as "liveTenantId",
  test.tenant_id as "testTenantId", p.created_at::text as "createdAt",
  ${suspensionColumns.text}`);

export const belongings = new Fragment(`
  join memberships m on m.person_id = p.person_id
  join organisations o on o.organisation_id = m.organisation_id
  join tenants live on live.organisation_id = m.organisation_id and live.mode = 'live'
  join tenants test on test.organisation_id = m.organisation_id and test.mode = 'test'`);

export async function findPerson(tx: Tx, personId: string): Promise<Person | undefined> {
  const [person] = await tx.rows<Person>(
    sql`select ${personColumns} from people p ${belongings} where p.person_id = ${personId}`,
  );
  return person;
}

/** By an address in lower case. */
export async function findByEmail(tx: Tx, email: string): Promise<Person | undefined> {
  const [person] = await tx.rows<Person>(
    sql`select ${personColumns} from people p ${belongings} where p.email = ${email}`,
  );
  return person;
}

/** Of one organisation, the first to come first. */
export async function readMembers(tx: Tx, organisationId: string): Promise<Person[]> {
  return tx.rows<Person>(
    sql`select ${personColumns} from people p ${belongings}
         where m.organisation_id = ${organisationId} order by p.created_at, p.person_id`,
  );
}

/** Somebody of an organisation, as its owners see it. */
export interface Member extends Person {
  /** By the sessions that there are, and by the last time that one began. */
  readonly lastSeenAt: string | null;
  readonly sessions: number;
  readonly isLastOwner: boolean;
}

/** Of one organisation, the first to come first; or the one. */
export async function readMembersSeen(
  tx: Tx,
  organisationId: string,
  idleMinutes: number,
  personId?: string,
): Promise<Member[]> {
  return tx.rows<Member>(
    sql`select ${personColumns}, greatest(p.last_seen_at, s.seen_at)::text as "lastSeenAt",
               coalesce(s.open, 0)::integer as sessions,
               m.role = 'owner' and not exists (
                 select from memberships other
                  where other.organisation_id = m.organisation_id and other.role = 'owner'
                    and other.person_id <> m.person_id) as "isLastOwner"
          from people p ${belongings}
          left join (select person_id, max(seen_at) as seen_at,
                            count(*) filter (where expires_at > now() and seen_at >
                              now() - ${idleMinutes}::integer * interval '1 minute') as open
                       from sessions group by person_id) s on s.person_id = p.person_id
         where m.organisation_id = ${organisationId}
           and (${personId ?? null}::uuid is null or p.person_id = ${personId ?? null}::uuid)
         order by p.created_at, p.person_id`,
  );
}

export async function readInstanceOperator(tx: Tx): Promise<Person | undefined> {
  const [person] = await tx.rows<Person>(
    sql`select ${personColumns} from people p ${belongings} where p.instance_operator`,
  );
  return person;
}

/** What only a sign-in needs to know. */
export interface Credentials {
  readonly passwordHash: string;
  readonly lastAddress: string | null;
}

export async function readCredentials(tx: Tx, personId: string): Promise<Credentials | undefined> {
  const [credentials] = await tx.rows<Credentials>(
    sql`select password_hash as "passwordHash", last_address as "lastAddress"
          from people where person_id = ${personId}`,
  );
  return credentials;
}

export interface NewPerson {
  readonly personId: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly organisationId: string;
  readonly role: Role;
  readonly isInstanceOperator: boolean;
}

export async function insertPerson(tx: Tx, person: NewPerson): Promise<void> {
  const { personId, email, name, passwordHash, organisationId, role } = person;
  await Promise.all([
    tx.write(
      sql`insert into people (person_id, email, name, password_hash, instance_operator)
          values (${personId}, ${email}, ${name}, ${passwordHash}, ${person.isInstanceOperator})`,
      1,
    ),
    tx.write(
      sql`insert into memberships (organisation_id, person_id, role)
          values (${organisationId}, ${personId}, ${role})`,
      1,
    ),
  ]);
}

export async function writeRole(tx: Tx, personId: string, role: Role): Promise<void> {
  await tx.write(sql`update memberships set role = ${role} where person_id = ${personId}`, 1);
}

export async function writePassword(tx: Tx, personId: string, passwordHash: string): Promise<void> {
  await tx.write(
    sql`update people set password_hash = ${passwordHash}, password_changed_at = now()
         where person_id = ${personId}`,
    1,
  );
}

export async function writeName(tx: Tx, personId: string, name: string): Promise<void> {
  await tx.write(sql`update people set name = ${name} where person_id = ${personId}`, 1);
}

/** That somebody came in, and from which network. */
export async function noteArrival(tx: Tx, personId: string, address: string): Promise<void> {
  await tx.write(
    sql`update people set last_address = ${address}, last_seen_at = now()
         where person_id = ${personId}`,
    1,
  );
}

export async function endOffice(tx: Tx, personId: string): Promise<void> {
  await tx.write(sql`update people set instance_operator = false where person_id = ${personId}`, 1);
}

/** With all that would let this person in again. */
export async function deletePerson(tx: Tx, personId: string): Promise<void> {
  await Promise.all([
    tx.write(sql`delete from memberships where person_id = ${personId}`, 1),
    tx.write(sql`delete from people where person_id = ${personId}`, 1),
    tx.run(sql`delete from sessions where person_id = ${personId}`),
    tx.run(sql`delete from links where kind = 'recovery' and subject = ${personId}`),
  ]);
}
