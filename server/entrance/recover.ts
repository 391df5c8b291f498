import { record } from "../audit/record.ts";
import { forgiveAccount } from "../auth/attempts.ts";
import { findLink, useLink } from "../auth/links.ts";
import { hashPassword } from "../auth/password.ts";
import { findPerson, writePassword } from "../auth/people.ts";
import { deleteSessions, hasSession } from "../auth/session-rows.ts";
import { enterAs, newEntry, orComeBack, type Entry, type Visitor } from "../auth/way-in.ts";
import type { Context } from "../context.ts";
import type { Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";
import type { RecoveryUseBody } from "./wire.ts";

/** A new password by a link, in place of the forgotten one; whoever was signed in with that is out. */
export async function recover(
  ctx: Context,
  { token, password }: RecoveryUseBody,
  visitor: Visitor,
): Promise<Entry> {
  const { db } = ctx;
  const entry = newEntry(ctx, visitor);
  await refusable(db, "check_recovery", (tx) => whoRecovers(tx, token), { readOnly: true });
  const passwordHash = await orComeBack(hashPassword(password));
  await refusable(db, "recover", async (tx) => {
    if (await hasSession(tx, entry.sessionId)) return undefined;
    const found = await whoRecovers(tx, token);
    if (found instanceof Problem) return found;
    const { link, person } = found;
    const { personId, role, liveTenantId: tenantId } = person;
    await useLink(tx, link);
    await writePassword(tx, personId, passwordHash);
    const endedSessions = await deleteSessions(tx, personId);
    await forgiveAccount(tx, person.email);
    await record(tx, {
      tenantId,
      actor: { kind: "person", id: personId, role, sessionId: entry.sessionId },
      action: "person.recover",
      object: { kind: "person", id: personId },
      after: { endedSessions, linkBy: link.createdBy },
      ip: visitor.ip,
      requestId: visitor.requestId,
    });
    await enterAs(tx, personId, entry);
    return undefined;
  });
  return entry;
}

/**
 * What an owner's link may do is looked at again when it is used: the person may have moved, or have
 * become instance operator, whose password no owner may set.
 */
export async function whoRecovers(tx: Tx, token: string) {
  const link = await findLink(tx, "recovery", token);
  const person = link?.personId ? await findPerson(tx, link.personId) : undefined;
  if (!link || !person) return new Problem("LINK_NOT_VALID");
  const { organisationId } = link;
  const isOwners = organisationId !== null;
  if (isOwners && (organisationId !== person.organisationId || person.isInstanceOperator)) {
    return new Problem("LINK_NOT_VALID");
  }
  return { link, person };
}
