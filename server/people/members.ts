import { record } from "../audit/record.ts";
import type { OnBehalf } from "../auth/keys.ts";
import { deleteLinksBy } from "../auth/links.ts";
import {
  deletePerson,
  findPerson,
  readMembers,
  readMembersSeen,
  writeRole,
  type Member,
  type Person,
} from "../auth/people.ts";
import type { Role } from "../auth/roles.ts";
import { deleteSessions } from "../auth/session-rows.ts";
import type { Db } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";

/** Whom a change may concern: the people of an organisation, or anybody for who runs the server. */
export type Reach = { readonly organisationId: string } | "anybody";

export async function listMembers(
  db: Db,
  organisationId: string,
  idleMinutes: number,
): Promise<Member[]> {
  const read = (tx: Tx) => readMembersSeen(tx, organisationId, idleMinutes);
  return transact(db, "list_people", read, { readOnly: true });
}

export async function showMember(
  db: Db,
  personId: string,
  { organisationId }: { readonly organisationId: string },
  idleMinutes: number,
): Promise<Member> {
  return refusable(
    db,
    "show_person",
    async (tx) => {
      const person = await reachable(tx, personId, { organisationId });
      if (person instanceof Problem) return person;
      const [member] = await readMembersSeen(tx, organisationId, idleMinutes, personId);
      return member ?? new Problem("UNKNOWN_PERSON");
    },
    { readOnly: true },
  );
}

export async function reachable(tx: Tx, personId: string, reach: Reach): Promise<Person | Problem> {
  const person = await findPerson(tx, personId);
  if (!person) return new Problem("UNKNOWN_PERSON");
  if (reach === "anybody" || reach.organisationId === person.organisationId) return person;
  return new Problem("FORBIDDEN", "This person belongs to another organisation.");
}

interface Change {
  readonly personId: string;
  readonly reach: Reach;
}

export async function changeRole(
  db: Db,
  { personId, reach, role }: Change & { readonly role: Role },
  by: OnBehalf,
): Promise<Person> {
  return refusable(db, "change_role", async (tx) => {
    const person = await reachable(tx, personId, reach);
    if (person instanceof Problem || person.role === role) return person;
    if (person.role === "owner") {
      if (await isLastOwner(tx, person)) return new Problem("LAST_OWNER");
      await deleteLinksBy(tx, personId);
    }
    await writeRole(tx, personId, role);
    await recordChange(tx, person, by, { action: "person.role", after: { role } });
    return { ...person, role };
  });
}

/** Ends the account with its sessions. The audit log goes on naming who it was. */
export async function removePerson(
  db: Db,
  { personId, reach }: Change,
  by: OnBehalf,
): Promise<Person> {
  let removed: Person | undefined;
  return refusable(db, "remove_person", async (tx) => {
    const person = await reachable(tx, personId, reach);
    // What an attempt in doubt has done is not there to be found.
    if (person instanceof Problem) return removed ?? person;
    if (person.isInstanceOperator && reach !== "anybody") return operatorStays();
    if (await isLastOwner(tx, person)) return new Problem("LAST_OWNER");
    await deletePerson(tx, personId);
    await deleteLinksBy(tx, personId);
    await recordChange(tx, person, by, { action: "person.remove" });
    removed = person;
    return person;
  });
}

/** Signs somebody out everywhere; the password stays. Returns how many sessions ended. */
export async function endSessionsOf(
  db: Db,
  { personId, reach }: Change,
  by: OnBehalf,
): Promise<number> {
  let ended = 0;
  return refusable(db, "end_sessions_of", async (tx) => {
    const person = await reachable(tx, personId, reach);
    if (person instanceof Problem) return person;
    const count = await deleteSessions(tx, personId);
    // What an attempt in doubt has done is not there to be counted.
    if (count === 0) return ended;
    const object = { kind: "person", id: personId };
    const { liveTenantId: tenantId } = person;
    await record(tx, { tenantId, object, action: "person.sign_out", after: { count }, ...by });
    ended = count;
    return count;
  });
}

/** Said to owners: who sets this person's password, or ends the account, would rule the instance. */
export function operatorStays(): Problem {
  const detail =
    "This person runs the server: only its command line may do this (zerorace people).";
  return new Problem("FORBIDDEN", detail);
}

/**
 * Two owners who take the office from each other at once would both find another owner. But each
 * change also appends to the audit chain of the organisation, and so writes its head: one of the two
 * loses the race, and finds itself to be about the last owner when it runs again.
 */
async function isLastOwner(tx: Tx, { personId, organisationId, role }: Person): Promise<boolean> {
  if (role !== "owner") return false;
  const members = await readMembers(tx, organisationId);
  return !members.some((other) => other.role === "owner" && other.personId !== personId);
}

async function recordChange(
  tx: Tx,
  { personId, email, name, role, liveTenantId: tenantId }: Person,
  by: OnBehalf,
  what: { readonly action: string; readonly after?: object },
): Promise<void> {
  const object = { kind: "person", id: personId };
  await record(tx, { tenantId, object, before: { email, name, role }, ...by, ...what });
}
