import { record } from "../audit/record.ts";
import { countAttempt, signUpSubjects } from "../auth/attempts.ts";
import { findLink, useLink, type Link } from "../auth/links.ts";
import { hashPassword } from "../auth/password.ts";
import { findByEmail, insertPerson } from "../auth/people.ts";
import { hasSession } from "../auth/session-rows.ts";
import { enterAs, newEntry, orComeBack, type Entry, type Visitor } from "../auth/way-in.ts";
import type { Context } from "../context.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";
import { newOrganisationIds, writeOrganisation, type OrganisationIds } from "../tenants/store.ts";
import type { SignUpBody } from "./wire.ts";

/** Who comes, as what, and into which organisation: one that there is, or one to be made. */
interface Coming {
  readonly link: Link | undefined;
  readonly email: string;
  readonly role: "owner" | "operator" | "finance" | "viewer";
  readonly home: OrganisationIds;
  readonly newName: string | undefined;
}

/** Makes an account, by an invitation or, where sign-up is open, without one. */
export async function signUp(ctx: Context, given: SignUpBody, visitor: Visitor): Promise<Entry> {
  const { db, config } = ctx;
  if (given.token === undefined) {
    if (config.signUp !== "open") throw new Problem("SIGN_UP_CLOSED");
    await countAttempt(db, signUpSubjects(visitor.ip));
  }
  const ids = newOrganisationIds(db);
  const personId = db.dialect.newId();
  const entry = newEntry(ctx, visitor);
  const check = (tx: Tx) => whoComes(tx, given, ids);
  const { home: turn } = await refusable(db, "check_sign_up", check, { readOnly: true });
  const passwordHash = await orComeBack(hashPassword(given.password));
  await refusable(
    db,
    "sign_up",
    async (tx) => {
      if (await hasSession(tx, entry.sessionId)) return undefined;
      const coming = await check(tx);
      if (coming instanceof Problem) return coming;
      const { link, email, role, home, newName } = coming;
      const { name } = given;
      if (link) await useLink(tx, link);
      const actor = { kind: "person", id: personId, role, sessionId: entry.sessionId } as const;
      const by = { actor, ip: visitor.ip, requestId: visitor.requestId };
      if (newName !== undefined) await writeOrganisation(tx, home, { name: newName, ...by });
      const { organisationId, liveTenantId: tenantId } = home;
      const person = { personId, email, name, organisationId, role };
      await insertPerson(tx, { ...person, passwordHash, isInstanceOperator: false });
      const object = { kind: "person", id: personId };
      const after = { email, name, role, ...(link && { invitedBy: link.createdBy }) };
      await record(tx, { tenantId, action: "person.join", object, after, ...by });
      await enterAs(tx, personId, entry);
      return undefined;
    },
    { turn: turn.liveTenantId },
  );
  return entry;
}

async function whoComes(
  tx: Tx,
  { token, email, organisation }: SignUpBody,
  ids: OrganisationIds,
): Promise<Coming | Problem> {
  const link = token === undefined ? undefined : await findLink(tx, "invitation", token);
  if (token !== undefined && !link) return new Problem("LINK_NOT_VALID");
  const address = link?.email ?? email;
  if (address === undefined) return misfit("email", "must be given");
  if (email !== undefined && email !== address) {
    return misfit("email", "is not the address that was invited: leave it away");
  }
  if (await findByEmail(tx, address)) return new Problem("EMAIL_TAKEN");
  const role = link?.role ?? "owner";
  const organisationId = link?.organisationId ?? null;
  if (organisationId === null) {
    if (organisation === undefined) return misfit("organisation", "must name the one to be made");
    return { link, email: address, role, home: ids, newName: organisation };
  }
  if (organisation !== undefined) {
    return misfit("organisation", "is the one that the invitation is for: leave it away");
  }
  const home = await homeOf(tx, organisationId);
  return { link, email: address, role, home, newName: undefined };
}

async function homeOf(tx: Tx, organisationId: string): Promise<OrganisationIds> {
  const rows = await tx.tuples<[mode: string, tenantId: string]>(
    sql`select mode, tenant_id from tenants where organisation_id = ${organisationId}`,
  );
  const { live = "", test = "" } = Object.fromEntries(rows);
  return { organisationId, liveTenantId: live, testTenantId: test };
}

function misfit(field: string, detail: string): Problem {
  const errors = [{ pointer: `/${field}`, code: "INVALID_VALUE", detail }];
  return new Problem("VALIDATION_FAILED", `/${field} ${detail}.`, { errors });
}
