import { hash } from "node:crypto";

/** Who acts: a person in a session, a program with a key, the operator at the command line, a job. */
export interface Actor {
  readonly kind: "person" | "key" | "command" | "system";
  readonly id: string;
  readonly role?: string;
  readonly sessionId?: string;
}

/** What a change leaves in the log. No secret may be in it: the log is kept and shown for ever. */
export interface NewEntry {
  readonly tenantId: string;
  readonly actor: Actor;
  /** `noun.verb`, as in `api_key.revoke`. */
  readonly action: string;
  readonly object: { readonly kind: string; readonly id: string };
  readonly before?: object;
  readonly after?: object;
  readonly reason?: string;
  readonly ip?: string;
  readonly requestId?: string;
}

/** An entry as its row holds it. */
export interface Entry {
  readonly tenantId: string;
  readonly seq: bigint;
  readonly previousHash: string;
  readonly at: string;
  readonly actorKind: string;
  readonly actorId: string;
  readonly actorRole: string | null;
  readonly sessionId: string | null;
  readonly action: string;
  readonly objectKind: string;
  readonly objectId: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string | null;
  readonly ip: string | null;
  readonly requestId: string | null;
}

/** What stands before the first entry of a chain. */
export const noHash = "0".repeat(64);

/**
 * The text that is hashed: a JSON array of the fields in this order, for ever. An array of strings
 * and nulls can be read in one way only, so no two entries share a text.
 */
export function canonicalText(entry: Entry): string {
  return JSON.stringify([
    entry.previousHash,
    entry.tenantId,
    String(entry.seq),
    entry.at,
    entry.actorKind,
    entry.actorId,
    entry.actorRole,
    entry.sessionId,
    entry.action,
    entry.objectKind,
    entry.objectId,
    entry.before,
    entry.after,
    entry.reason,
    entry.ip,
    entry.requestId,
  ]);
}

export function hashOf(entry: Entry): string {
  return hash("sha256", canonicalText(entry), "hex");
}

/** The row that a change leaves, but for its place in the chain. */
export function toRow(given: NewEntry): Omit<Entry, "seq" | "previousHash" | "at"> {
  const { actor, object } = given;
  return {
    tenantId: given.tenantId.toLowerCase(),
    actorKind: actor.kind,
    actorId: kept(actor.id),
    actorRole: keptIf(actor.role),
    sessionId: keptIf(actor.sessionId),
    action: kept(given.action),
    objectKind: kept(object.kind),
    objectId: kept(object.id),
    before: given.before === undefined ? null : JSON.stringify(given.before),
    after: given.after === undefined ? null : JSON.stringify(given.after),
    reason: keptIf(given.reason),
    ip: keptIf(given.ip),
    requestId: keptIf(given.requestId),
  };
}

/** As the database will keep it: it has no NUL, and what is no Unicode becomes U+FFFD on the way. */
function kept(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

function keptIf(text: string | undefined): string | null {
  return text === undefined ? null : kept(text);
}
