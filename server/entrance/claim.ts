import type { Actor } from "../audit/entry.ts";
import { instanceChain } from "../audit/instance-chain.ts";
import { record } from "../audit/record.ts";
import { findLink, findLinkFor, findLinkById, useLink, writeLink } from "../auth/links.ts";
import { hashPassword } from "../auth/password.ts";
import { endOffice, findByEmail, insertPerson, readInstanceOperator } from "../auth/people.ts";
import { mintToken } from "../auth/secret-token.ts";
import { hasSession } from "../auth/session-rows.ts";
import { enterAs, newEntry, orComeBack, type Entry, type Visitor } from "../auth/way-in.ts";
import type { Context } from "../context.ts";
import type { Db } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";
import { newOrganisationIds, writeOrganisation } from "../tenants/store.ts";
import type { ClaimBody } from "./wire.ts";

/** There is one claim link at most: all of them are for this. */
const subject = "instance";
export const claimHours = 24;

export type ClaimLink =
  | { readonly kind: "made"; readonly token: string }
  /** There is one already, which may be on somebody's screen. */
  | { readonly kind: "there"; readonly expiresAt: string }
  | { readonly kind: "claimed" };

interface ClaimLinkTerms {
  readonly actor: Actor;
  /** The one that there is stays, and no other is made. */
  readonly onlyFirst?: boolean;
  /** Also when somebody is instance operator, whose place is then taken. */
  readonly replacesOperator?: boolean;
}

export async function makeClaimLink(db: Db, terms: ClaimLinkTerms): Promise<ClaimLink> {
  const { actor, onlyFirst = false, replacesOperator = false } = terms;
  const linkId = db.dialect.newId();
  const { token, tokenHash } = mintToken("link");
  const work = async (tx: Tx): Promise<ClaimLink> => {
    if (await findLinkById(tx, linkId)) return { kind: "made", token };
    const operator = await readInstanceOperator(tx);
    if (operator && !replacesOperator) return { kind: "claimed" };
    const older = onlyFirst ? await findLinkFor(tx, "claim", subject) : undefined;
    if (older) return { kind: "there", expiresAt: older.expiresAt };
    const createdBy = `${actor.kind}:${actor.id}`;
    const link = {
      kind: "claim",
      subject,
      linkId,
      tokenHash,
      createdBy,
      hours: claimHours,
    } as const;
    await writeLink(tx, { ...link, replacesOperator });
    await record(tx, {
      tenantId: instanceChain,
      actor,
      action: "claim_link.create",
      object: { kind: "claim_link", id: linkId },
      after: { replacesOperator },
    });
    return { kind: "made", token };
  };
  return transact(db, "make_claim_link", work, { recalls: true });
}

/** Makes an organisation, and its owner the instance operator. Of several at once one succeeds. */
export async function claim(ctx: Context, given: ClaimBody, visitor: Visitor): Promise<Entry> {
  const { db } = ctx;
  const { token, email, name, organisation } = given;
  const ids = newOrganisationIds(db);
  const personId = db.dialect.newId();
  const entry = newEntry(ctx, visitor);
  const check = async (tx: Tx) => {
    const link = await findLink(tx, "claim", token);
    if (!link) return new Problem("LINK_NOT_VALID");
    const before = await readInstanceOperator(tx);
    if (before && !link.replacesOperator) return new Problem("ALREADY_CLAIMED");
    if (await findByEmail(tx, email)) return new Problem("EMAIL_TAKEN");
    return { link, before };
  };
  // Before the hash, which costs us more than it costs whoever sends a made-up token.
  await refusable(db, "check_claim", check, { readOnly: true });
  const passwordHash = await orComeBack(hashPassword(given.password));
  await refusable(db, "claim", async (tx) => {
    if (await hasSession(tx, entry.sessionId)) return undefined;
    const found = await check(tx);
    if (found instanceof Problem) return found;
    const { link, before } = found;
    await useLink(tx, link);
    if (before) await endOffice(tx, before.personId);
    const { ip, requestId } = visitor;
    const actor = {
      kind: "person",
      id: personId,
      role: "owner",
      sessionId: entry.sessionId,
    } as const;
    const by = { actor, ip, requestId };
    await writeOrganisation(tx, ids, { name: organisation, ...by });
    const { organisationId, liveTenantId } = ids;
    const owner = { personId, email, name, organisationId, role: "owner" } as const;
    await insertPerson(tx, { ...owner, passwordHash, isInstanceOperator: true });
    const object = { kind: "person", id: personId };
    const after = { email, name, role: "owner" };
    await record(tx, { tenantId: liveTenantId, action: "person.join", object, after, ...by });
    await record(tx, {
      tenantId: instanceChain,
      action: "instance.claim",
      object,
      ...(before && { before: { personId: before.personId, email: before.email } }),
      after: { personId, email, organisationId },
      ...by,
    });
    await enterAs(tx, personId, entry);
    return undefined;
  });
  return entry;
}
