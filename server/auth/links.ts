import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import type { Role } from "./roles.ts";
import { hashOfToken } from "./secret-token.ts";

export type LinkKind = "claim" | "invitation" | "recovery";

/** What the token at the end of a link is good for, once. */
export interface Link {
  readonly kind: LinkKind;
  /** Whom or what it is for: a newer link for the same ends the older. */
  readonly subject: string;
  readonly linkId: string;
  /** The organisation to join, or on whose word a password is set anew; null where it is the operator's. */
  readonly organisationId: string | null;
  readonly personId: string | null;
  readonly email: string | null;
  readonly role: Role | null;
  readonly replacesOperator: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

type Given = Pick<Link, "kind" | "subject" | "linkId" | "createdBy"> &
  Partial<Pick<Link, "organisationId" | "personId" | "email" | "role" | "replacesOperator">>;

export interface NewLink extends Given {
  readonly tokenHash: string;
  readonly hours: number;
}

export async function writeLink(tx: Tx, link: NewLink): Promise<void> {
  const { organisationId = null, personId = null, email = null, role = null } = link;
  await tx.write(
    sql`insert into links (kind, subject, link_id, token_hash, organisation_id, person_id, email, role,
                           replaces_operator, created_by, expires_at)
        values (${link.kind}, ${link.subject}, ${link.linkId}, ${link.tokenHash}, ${organisationId},
                ${personId}, ${email}, ${role}, ${link.replacesOperator ?? false}, ${link.createdBy},
                now() + ${link.hours}::integer * interval '1 hour')
        on conflict (kind, subject) do update
           set link_id = excluded.link_id, token_hash = excluded.token_hash,
               organisation_id = excluded.organisation_id, person_id = excluded.person_id,
               email = excluded.email, role = excluded.role,
               replaces_operator = excluded.replaces_operator, created_by = excluded.created_by,
               created_at = now(), expires_at = excluded.expires_at`,
    1,
  );
}

const select = new Fragment(`
  select kind, subject, link_id as "linkId", organisation_id as "organisationId",
         person_id as "personId", email, role, replaces_operator as "replacesOperator",
         created_by as "createdBy", created_at::text as "createdAt", expires_at::text as "expiresAt"
    from links`);

/** The link that ends with this token, unless it was used, replaced, revoked, or has expired. */
export async function findLink(tx: Tx, kind: LinkKind, token: string): Promise<Link | undefined> {
  const tokenHash = hashOfToken("link", token);
  if (tokenHash === undefined) return undefined;
  const [link] = await tx.rows<Link>(
    sql`${select} where token_hash = ${tokenHash} and kind = ${kind} and expires_at > now()`,
  );
  return link;
}

/** The same, whatever it is for. */
export async function findAnyLink(tx: Tx, token: string): Promise<Link | undefined> {
  const tokenHash = hashOfToken("link", token);
  if (tokenHash === undefined) return undefined;
  const [link] = await tx.rows<Link>(
    sql`${select} where token_hash = ${tokenHash} and expires_at > now()`,
  );
  return link;
}

/** Of two at once one deletes the row; the other loses the race, and finds none when it looks again. */
export async function useLink(tx: Tx, { linkId }: Link): Promise<void> {
  await tx.write(sql`delete from links where link_id = ${linkId}`, 1);
}

/** Whether this very link is there: what asks for it was not yet done. */
export async function findLinkById(tx: Tx, linkId: string): Promise<Link | undefined> {
  const [link] = await tx.rows<Link>(sql`${select} where link_id = ${linkId}`);
  return link;
}

export async function findLinkFor(
  tx: Tx,
  kind: LinkKind,
  subject: string,
): Promise<Link | undefined> {
  const [link] = await tx.rows<Link>(
    sql`${select} where kind = ${kind} and subject = ${subject} and expires_at > now()`,
  );
  return link;
}

/** The open invitations of an organisation, the newest first. */
export async function readInvitations(tx: Tx, organisationId: string): Promise<Link[]> {
  return tx.rows<Link>(
    sql`${select}
         where organisation_id = ${organisationId} and kind = 'invitation' and expires_at > now()
         order by created_at desc, link_id`,
  );
}

/** Who may no longer invite has no invitations under way, and no links to others' accounts. */
export async function deleteLinksBy(tx: Tx, personId: string): Promise<void> {
  await tx.run(sql`delete from links where created_by = ${`person:${personId}`}`);
}
