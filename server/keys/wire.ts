import { z } from "zod";
import { actorView, type NameActor } from "../auth/actors.ts";
import { maskedKey } from "../auth/api-key.ts";
import type { ApiKey } from "../auth/key-rows.ts";
import { boundsMax, overlapSecondsMax } from "../auth/key-terms.ts";
import { scopes } from "../auth/scopes.ts";
import { listOf, moment, uuid, whole, words } from "../http/shapes.ts";

/** The bodies and answers of /v1/keys. */

const bounds = <Id extends z.ZodType>(id: Id) =>
  z
    .array(id, "must be a list")
    .min(1, "must not be empty: leave it out to bind to none")
    .max(boundsMax, `must have ${boundsMax} elements at most`)
    .optional();

const reason = words(500).optional().meta({ description: "Why, for the audit log." });

const example = {
  name: "checkout of the shop",
  scopes: ["purchases:read", "purchases:write"],
} as const;

export const keyBody = z
  .strictObject({
    name: words(200),
    scopes: z
      .array(z.enum(scopes, `must be one of ${scopes.join(", ")}`), "must be a list of scopes")
      .min(1, "must not be empty")
      .max(scopes.length, `must have ${scopes.length} elements at most`),
    agentIds: bounds(words(255)).meta({
      description: "Binds the key to these agents; without it any.",
    }),
    mandateIds: bounds(uuid).meta({
      description: "Binds the key to these mandates; without it any.",
    }),
    expiresAt: moment
      .optional()
      .meta({ description: "Without it the key lives until it is revoked." }),
    reason,
  })
  .meta({ id: "NewKey", examples: [{ ...example, agentIds: ["agent-7"] }] });

export const rollBody = z
  .strictObject({
    overlapSeconds: whole(0, overlapSecondsMax).optional().meta({
      description:
        "How long the old key stays valid beside the new one; a day when it is left out.",
    }),
    reason,
  })
  .meta({ examples: [{ overlapSeconds: 3_600 }] });

export const revokeBody = z
  .strictObject({ reason })
  .meta({ examples: [{ reason: "it was in a log" }] });

export type KeyBody = z.output<typeof keyBody>;

const time = z.string().nullable();

const exampleView = {
  id: "4fQhVt0bW2kXyM7sPz9LcA",
  ...example,
  mode: "test",
  masked: "zr_test_4fQhVt0bW2kXyM7sPz9LcA_********",
  state: "valid",
  agentIds: null,
  mandateIds: null,
  createdBy: "command:operator",
  maker: { kind: "command", id: "operator", name: null },
  createdAt: "2026-11-20T15:47:12.204Z",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  replacedBy: null,
} as const;

export const keyView = z
  .object({
    id: z.string(),
    name: z.string(),
    mode: z.enum(["live", "test"]),
    masked: z.string().meta({ description: "Which key it is, and no more of it." }),
    state: z
      .enum(["valid", "rolled", "expired", "revoked"])
      .meta({ description: "A key that is rolled is valid until it expires." }),
    scopes: z.array(z.string()),
    agentIds: z.array(z.string()).nullable(),
    mandateIds: z.array(z.uuid()).nullable(),
    createdBy: z.string(),
    maker: actorView.meta({ description: "`createdBy`, with a name." }),
    createdAt: z.string(),
    expiresAt: time,
    lastUsedAt: time,
    revokedAt: time,
    replacedBy: z.string().nullable(),
  })
  .meta({ id: "Key", description: "An API key, without its secret.", examples: [exampleView] });

const replayedSays =
  "The key was made when this came first, and apiKey was shown then. If that answer was lost, " +
  "revoke this key and make another.";

export const madeView = keyView
  .extend({
    apiKey: z
      .string()
      .nullable()
      .meta({ description: "The whole key, in the first answer and never again." }),
    says: z.string(),
  })
  .meta({
    id: "NewKeyWithSecret",
    description: "An API key that was made.",
    examples: [{ ...exampleView, apiKey: null, says: replayedSays }],
  });

export const keysView = listOf("KeyList", keyView);

export type KeyView = z.output<typeof keyView>;
export type MadeView = z.output<typeof madeView>;

export function viewOf(key: ApiKey, nameActor: NameActor): KeyView {
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
    maker: nameActor(createdBy),
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

export function madeViewOf(
  key: ApiKey,
  nameActor: NameActor,
  apiKey: string | undefined,
): MadeView {
  const says = apiKey === undefined ? replayedSays : "Keep apiKey now: it is not shown again.";
  return { ...viewOf(key, nameActor), apiKey: apiKey ?? null, says };
}
