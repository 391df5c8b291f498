import { z } from "zod";
import { ChainWalk, type Verdict } from "./chain-walk.ts";
import type { FirstLine } from "./export-log.ts";

/** A file that is no export of a log: said in a sentence. */
export class NoExportError extends Error {
  override readonly name = "NoExportError";
}

export interface VerifiedExport extends Verdict {
  readonly first: FirstLine;
}

const hash = z.string().length(64);
const text = z.string().nullable();

const firstLine = z.object({
  zeroraceAuditLog: z.literal(1),
  tenantId: z.string(),
  head: z.object({ seq: z.int(), hash }),
  exportedAt: z.string(),
});

const entryLine = z.strictObject({
  seq: z.int().transform(BigInt),
  tenantId: z.string(),
  previousHash: hash,
  hash,
  at: z.string(),
  actorKind: z.string(),
  actorId: z.string(),
  actorRole: text,
  sessionId: text,
  action: z.string(),
  objectKind: z.string(),
  objectId: z.string(),
  before: text,
  after: text,
  reason: text,
  ip: text,
  requestId: text,
});

/** Proves an export by itself: nothing else is read, no database and no network. */
export async function verifyExport(lines: AsyncIterable<string>): Promise<VerifiedExport> {
  let first: FirstLine | undefined;
  let walk: ChainWalk | undefined;
  for await (const line of lines) {
    if (!first || !walk) {
      first = readFirst(line);
      walk = new ChainWalk(first.head);
      continue;
    }
    if (line === "") continue;
    const entry = entryLine.safeParse(parsed(line));
    // A line that nobody can read is one that somebody changed. So is one of another log.
    const isOurs = entry.success && entry.data.tenantId === first.tenantId;
    if (!(isOurs ? walk.step(entry.data) : walk.breakHere("altered"))) break;
  }
  if (!first || !walk) throw new NoExportError("The file is empty.");
  return { ...walk.end(), first };
}

function readFirst(line: string): FirstLine {
  const read = firstLine.safeParse(parsed(line));
  if (read.success) return read.data;
  throw new NoExportError(
    "This is no export of an audit log: its first line says so. `zerorace audit export`, the console " +
      "and GET /v1/audit/export make one. A CSV is for reading and cannot be verified.",
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
