import { findAnyLink, type Link } from "../auth/links.ts";
import { readInstanceOperator } from "../auth/people.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";
import { whoRecovers } from "./recover.ts";

/** What a link is for, as whoever holds it may know before using it. */
export interface LinkSight extends Pick<Link, "kind" | "email" | "role" | "expiresAt"> {
  /** The one to join, or whose person it is; null: one is to be made. */
  readonly organisation: string | null;
}

/** Changes nothing, and says no where using the link would. */
export async function lookAtLink(db: Db, token: string): Promise<LinkSight> {
  const look = (tx: Tx) => lookIn(tx, token);
  return refusable(db, "look_at_link", look, { readOnly: true });
}

async function lookIn(tx: Tx, token: string): Promise<LinkSight | Problem> {
  const link = await findAnyLink(tx, token);
  if (!link) return new Problem("LINK_NOT_VALID");
  const { kind, email, role, expiresAt } = link;
  if (kind === "claim") {
    const isTaken = !link.replacesOperator && (await readInstanceOperator(tx)) !== undefined;
    if (isTaken) return new Problem("ALREADY_CLAIMED");
    return { kind, email, role, expiresAt, organisation: null };
  }
  if (kind === "recovery") {
    const found = await whoRecovers(tx, token);
    if (found instanceof Problem) return found;
    const { person } = found;
    return { kind, email: person.email, role, expiresAt, organisation: person.organisation };
  }
  const organisation = await nameOf(tx, link.organisationId);
  return { kind, email, role, expiresAt, organisation };
}

async function nameOf(tx: Tx, organisationId: string | null): Promise<string | null> {
  if (organisationId === null) return null;
  const [found] = await tx.tuples<[name: string]>(
    sql`select name from organisations where organisation_id = ${organisationId}`,
  );
  return found?.[0] ?? null;
}
