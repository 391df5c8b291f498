import { z } from "zod";
import { formatField, type Cell } from "../http/csv.ts";
import { pageQuery } from "../http/list.ts";
import { listOf, moment, words } from "../http/shapes.ts";
import { nameOf, type Names } from "./names.ts";
import type { Checked, HashedEntry } from "./verify-chain.ts";

/** The queries and answers of /v1/audit. */

const exactly = words(255);
const hash = z.string().length(64);

export const entriesQuery = z.object({
  ...pageQuery.shape,
  action: exactly.optional().meta({ description: "As in `item.close`." }),
  actorId: exactly.optional(),
  objectKind: exactly.optional(),
  objectId: exactly.optional(),
  from: moment.optional().meta({ description: "The first moment of the entries." }),
  to: moment.optional().meta({ description: "The moment before which they are." }),
  format: formatField,
});

/** The number of an entry, as it stands in a path. */
export const seqField = z
  .string()
  .regex(/^[1-9]\d{0,15}$/)
  .meta({ description: "The entry's number in its log, from 1 on.", example: "12345" });

export const verifyQuery = z.object({});

const content = z.record(z.string(), z.unknown()).nullable();
const text = z.string().nullable();

export const entryView = z
  .object({
    seq: z.int(),
    at: z.string(),
    actor: z.object({
      kind: z.string(),
      id: z.string(),
      name: text.meta({ description: "What a person or a key is called now; null: nobody knows." }),
      role: text,
      sessionId: text,
    }),
    action: z.string(),
    object: z.object({ kind: z.string(), id: z.string(), name: text }),
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

const noNames: Names = new Map();

export function viewOf(entry: HashedEntry, names = noNames): EntryView {
  const { at, action, reason, ip, requestId, previousHash } = entry;
  return {
    seq: Number(entry.seq),
    at,
    actor: {
      kind: entry.actorKind,
      id: entry.actorId,
      name: nameOf(names, entry.actorKind, entry.actorId),
      role: entry.actorRole,
      sessionId: entry.sessionId,
    },
    action,
    object: {
      kind: entry.objectKind,
      id: entry.objectId,
      name: nameOf(names, entry.objectKind, entry.objectId),
    },
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

export const columns = [
  "seq",
  "at",
  "actorKind",
  "actorId",
  "actorName",
  "actorRole",
  "action",
  "objectKind",
  "objectId",
  "objectName",
  "reason",
  "before",
  "after",
  "ip",
  "requestId",
  "hash",
] as const;

export function cellsOf(entry: HashedEntry, names: Names): Cell[] {
  const { actorKind, actorId, objectKind, objectId } = entry;
  return [
    Number(entry.seq),
    entry.at,
    actorKind,
    actorId,
    nameOf(names, actorKind, actorId),
    entry.actorRole,
    entry.action,
    objectKind,
    objectId,
    nameOf(names, objectKind, objectId),
    entry.reason,
    entry.before,
    entry.after,
    entry.ip,
    entry.requestId,
    entry.hash,
  ];
}
