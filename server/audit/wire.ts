import { z } from "zod";
import { pageQuery } from "../http/list.ts";
import { listOf, words } from "../http/shapes.ts";
import type { HashedEntry } from "./list-entries.ts";
import type { Checked } from "./verify-chain.ts";

/** The queries and answers of /v1/audit. */

const exactly = words(255);
const hash = z.string().length(64);

export const entriesQuery = z.object({
  ...pageQuery.shape,
  action: exactly.optional().meta({ description: "As in `item.close`." }),
  actorId: exactly.optional(),
  objectKind: exactly.optional(),
  objectId: exactly.optional(),
});

export const verifyQuery = z.object({});

const content = z.record(z.string(), z.unknown()).nullable();
const text = z.string().nullable();

export const entryView = z
  .object({
    seq: z.int(),
    at: z.string(),
    actor: z.object({ kind: z.string(), id: z.string(), role: text, sessionId: text }),
    action: z.string(),
    object: z.object({ kind: z.string(), id: z.string() }),
    before: content.meta({
      description: "What the change changed, as it was; null where nothing was there.",
    }),
    after: content,
    reason: text,
    ip: text,
    requestId: text,
    previousHash: hash,
    hash,
  })
  .meta({
    id: "AuditEntry",
    description: "Who did what to which thing; each holds the hash of the one before.",
  });

export const entriesView = listOf("AuditEntryList", entryView);

export const verdictView = z.object({
  verified: z.boolean(),
  entries: z.int().meta({
    description: "How many entries follow on each other without a fault, from the first.",
  }),
  brokenAt: z
    .object({ seq: z.int(), fault: z.enum(["missing", "altered", "unlinked", "head"]) })
    .nullable(),
  head: z.object({ seq: z.int(), hash }).meta({
    description: "Kept elsewhere, it shows later whether the log was rewritten as a whole.",
  }),
});

export type EntryView = z.output<typeof entryView>;
export type VerdictView = z.output<typeof verdictView>;

export function viewOf(entry: HashedEntry): EntryView {
  const { at, action, reason, ip, requestId, previousHash } = entry;
  return {
    seq: Number(entry.seq),
    at,
    actor: {
      kind: entry.actorKind,
      id: entry.actorId,
      role: entry.actorRole,
      sessionId: entry.sessionId,
    },
    action,
    object: { kind: entry.objectKind, id: entry.objectId },
    before: contentOf(entry.before),
    after: contentOf(entry.after),
    reason,
    ip,
    requestId,
    previousHash,
    hash: entry.hash,
  };
}

/** What somebody put there past the log may be no JSON: it is shown, too. */
function contentOf(written: string | null): EntryView["before"] {
  if (written === null) return null;
  try {
    return JSON.parse(written) as Record<string, unknown>;
  } catch {
    return { unreadable: written };
  }
}

export function verdictOf({ entries, brokenAt, head }: Checked): VerdictView {
  return { verified: brokenAt === undefined, entries, brokenAt: brokenAt ?? null, head };
}
