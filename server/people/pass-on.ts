import { instanceChain } from "../audit/instance-chain.ts";
import { record } from "../audit/record.ts";
import type { OnBehalf } from "../auth/keys.ts";
import { findLinkById, readInvitations, useLink, writeLink, type Link } from "../auth/links.ts";
import { findByEmail, type Person } from "../auth/people.ts";
import type { Role } from "../auth/roles.ts";
import { mintToken } from "../auth/secret-token.ts";
import type { Db } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";
import { operatorStays, reachable, type Reach } from "./members.ts";

/** Links that people pass on by hand: this server sends no mail. */

export const invitationHours = 7 * 24;
export const recoveryHours = 24;

/** With the only copy of the token that there will ever be. */
export interface Passed {
  readonly link: Link;
  readonly token: string;
}

export interface Invitation {
  /** Where to; none for who is to found an organisation, and be its owner. */
  readonly into: { readonly organisationId: string; readonly liveTenantId: string } | undefined;
  readonly email: string;
  readonly role: Role;
  /** How long it is good for: a week, where nothing else is said. */
  readonly hours?: number | undefined;
}

/** A newer invitation of the same address to the same place ends the older. */
export async function invite(
  db: Db,
  { into, email, role, hours = invitationHours }: Invitation,
  by: OnBehalf,
): Promise<Passed> {
  const linkId = db.dialect.newId();
  const minted = mintToken("link");
  const tenantId = into?.liveTenantId ?? instanceChain;
  return refusable(
    db,
    "invite",
    async (tx) => {
      const made = await findLinkById(tx, linkId);
      if (made) return { link: made, token: minted.token };
      const known = into && (await findByEmail(tx, email));
      // Whether somebody has an account elsewhere is not told.
      if (known && known.organisationId === into.organisationId) {
        return new Problem("EMAIL_TAKEN", "This person is in the organisation already.");
      }
      const organisationId = into?.organisationId ?? null;
      await writeLink(tx, {
        kind: "invitation",
        subject: `${organisationId ?? "instance"} ${email}`,
        linkId,
        tokenHash: minted.tokenHash,
        organisationId,
        email,
        role,
        createdBy: `${by.actor.kind}:${by.actor.id}`,
        hours,
      });
      await record(tx, {
        tenantId,
        action: "invitation.create",
        object: { kind: "invitation", id: linkId },
        after: { email, role },
        ...by,
      });
      return passed(tx, linkId, minted.token);
    },
    { turn: tenantId },
  );
}

export async function listInvitations(db: Db, organisationId: string): Promise<Link[]> {
  const read = (tx: Tx) => readInvitations(tx, organisationId);
  return transact(db, "list_invitations", read, { readOnly: true });
}

export async function revokeInvitation(
  db: Db,
  linkId: string,
  { organisationId, liveTenantId: tenantId }: { organisationId: string; liveTenantId: string },
  by: OnBehalf,
): Promise<void> {
  await refusable(db, "revoke_invitation", async (tx) => {
    const link = await findLinkById(tx, linkId);
    if (link?.kind !== "invitation") return new Problem("UNKNOWN_INVITATION");
    if (link.organisationId !== organisationId) {
      return new Problem("FORBIDDEN", "This invitation is another organisation's.");
    }
    await useLink(tx, link);
    const { email, role } = link;
    const object = { kind: "invitation", id: linkId };
    await record(tx, {
      tenantId,
      action: "invitation.revoke",
      object,
      before: { email, role },
      ...by,
    });
    return undefined;
  });
}

/** A link to set a new password. The old one, and who is signed in, stay until it is used. */
export async function makeRecovery(
  db: Db,
  { personId, reach }: { readonly personId: string; readonly reach: Reach },
  by: OnBehalf,
): Promise<Passed & { readonly person: Person }> {
  const linkId = db.dialect.newId();
  const minted = mintToken("link");
  return refusable(db, "make_recovery", async (tx) => {
    const person = await reachable(tx, personId, reach);
    if (person instanceof Problem) return person;
    if (person.isInstanceOperator && reach !== "anybody") return operatorStays();
    if (!(await findLinkById(tx, linkId))) {
      await writeLink(tx, {
        kind: "recovery",
        subject: personId,
        linkId,
        tokenHash: minted.tokenHash,
        organisationId: reach === "anybody" ? null : reach.organisationId,
        personId,
        createdBy: `${by.actor.kind}:${by.actor.id}`,
        hours: recoveryHours,
      });
      await record(tx, {
        tenantId: person.liveTenantId,
        action: "recovery.create",
        object: { kind: "person", id: personId },
        ...by,
      });
    }
    return { ...(await passed(tx, linkId, minted.token)), person };
  });
}

async function passed(tx: Tx, linkId: string, token: string): Promise<Passed> {
  const link = await findLinkById(tx, linkId);
  if (!link) throw new Error("a link that was just written is not there");
  return { link, token };
}
