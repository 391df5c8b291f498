import { z } from "zod";
import { maskedKey } from "../auth/api-key.ts";
import type { ApiKey } from "../auth/key-rows.ts";
import { boundsMax, overlapSecondsMax } from "../auth/key-terms.ts";
import { scopes } from "../auth/scopes.ts";
import { moment, uuid, whole, words } from "../http/shapes.ts";

/** The bodies and answers of /v1/keys. */

const bounds = <Id extends z.ZodType>(id: Id) =>
  z
    .array(id, "must be a list")
    .min(1, "must not be empty: leave it out to bind to none")
    .max(boundsMax, `must have ${boundsMax} elements at most`)
    .optional();

const reason = words(500).optional();

export const keyBody = z.strictObject({
  name: words(200),
  scopes: z
    .array(z.enum(scopes, `must be one of ${scopes.join(", ")}`), "must be a list of scopes")
    .min(1, "must not be empty")
    .max(scopes.length, `must have ${scopes.length} elements at most`),
  /** Binds the key to these agents; without it any. */
  agentIds: bounds(words(255)),
  /** Binds the key to these mandates; without it any. */
  mandateIds: bounds(uuid),
  /** Without it the key lives until it is revoked. */
  expiresAt: moment.optional(),
  /** Why, for the audit log. */
  reason,
});

export const rollBody = z.strictObject({
  /** How long the old key stays valid beside the new one; a day when it is left out. */
  overlapSeconds: whole(0, overlapSecondsMax).optional(),
  reason,
});

export const revokeBody = z.strictObject({ reason });

export type KeyBody = z.output<typeof keyBody>;

const time = z.string().nullable();

export const keyView = z.object({
  id: z.string(),
  name: z.string(),
  mode: z.enum(["live", "test"]),
  /** Which key it is, and no more of it. */
  masked: z.string(),
  /** A key that is rolled is valid until it expires. */
  state: z.enum(["valid", "rolled", "expired", "revoked"]),
  scopes: z.array(z.string()),
  agentIds: z.array(z.string()).nullable(),
  mandateIds: z.array(z.uuid()).nullable(),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: time,
  lastUsedAt: time,
  revokedAt: time,
  replacedBy: z.string().nullable(),
});

export const madeView = keyView.extend({
  /** The whole key, in the first answer and never again. */
  apiKey: z.string().nullable(),
  says: z.string(),
});

export const keysView = z.object({
  data: z.array(keyView),
  nextCursor: z.string().nullable(),
});

export type KeyView = z.output<typeof keyView>;
export type MadeView = z.output<typeof madeView>;

export function viewOf(key: ApiKey): KeyView {
  const { keyId, name, mode, createdBy, replacedBy } = key;
  return {
    id: keyId,
    name,
    mode,
    masked: maskedKey(key),
    state: stateOf(key),
    scopes: [...key.scopes],
    agentIds: key.agentIds && [...key.agentIds],
    mandateIds: key.mandateIds && [...key.mandateIds],
    createdBy,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    replacedBy,
  };
}

function stateOf({ revokedAt, expired, replacedBy }: ApiKey): KeyView["state"] {
  if (revokedAt) return "revoked";
  if (expired) return "expired";
  return replacedBy === null ? "valid" : "rolled";
}

export function madeViewOf(key: ApiKey, apiKey: string | undefined): MadeView {
  const says =
    apiKey === undefined
      ? "The key was made when this came first, and apiKey was shown then. If that answer was lost, revoke this key and make another."
      : "Keep apiKey now: it is not shown again.";
  return { ...viewOf(key), apiKey: apiKey ?? null, says };
}
