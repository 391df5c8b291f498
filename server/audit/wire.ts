import { z } from "zod";
import { pageFields } from "../http/list.ts";
import { words } from "../http/shapes.ts";
import type { HashedEntry } from "./list-entries.ts";
import type { Checked } from "./verify-chain.ts";

/** The queries and answers of /v1/audit. */

const exactly = words(255);
const hash = z.string().length(64);

export const entriesQuery = z.object({
  ...pageFields,
  /** As in `item.close`. */
  action: exactly.optional(),
  actorId: exactly.optional(),
  objectKind: exactly.optional(),
  objectId: exactly.optional(),
});

export const verifyQuery = z.object({});

const content = z.record(z.string(), z.unknown()).nullable();
const text = z.string().nullable();

export const entryView = z.object({
  seq: z.int(),
  at: z.string(),
  actor: z.object({ kind: z.string(), id: z.string(), role: text, sessionId: text }),
  action: z.string(),
  object: z.object({ kind: z.string(), id: z.string() }),
  /** What the change changed, as it was; null where nothing was there. */
  before: content,
  after: content,
  reason: text,
  ip: text,
  requestId: text,
  previousHash: hash,
  hash,
});

export const entriesView = z.object({
  data: z.array(entryView),
  nextCursor: z.string().nullable(),
});

export const verdictView = z.object({
  verified: z.boolean(),
  /** How many entries follow on each other without a fault, from the first. */
  entries: z.int(),
  brokenAt: z
    .object({ seq: z.int(), fault: z.enum(["missing", "altered", "unlinked", "head"]) })
    .nullable(),
  /** Kept elsewhere, it shows later whether the log was rewritten as a whole. */
  head: z.object({ seq: z.int(), hash }),
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
