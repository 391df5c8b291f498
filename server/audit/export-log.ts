import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import type { Head } from "./chain-walk.ts";
import { headOf, readAfter, type HashedEntry } from "./verify-chain.ts";

/**
 * A log as a file that proves itself: a line that names its end, then a line an entry with all that its
 * hash is of, to the byte. What is between the quotes of `before` and `after` is the text that was
 * hashed; read and written anew it may be another.
 */

/** The first line. `zeroraceAuditLog` is the version of this format. */
export interface FirstLine {
  readonly zeroraceAuditLog: 1;
  readonly tenantId: string;
  readonly head: Head;
  readonly exportedAt: string;
}

const pageRows = 1_000;

/** Up to the head as it is at the start. Entries are only added, so the pages make one picture. */
export async function* exportLog(db: Db, tenantId: string): AsyncGenerator<string> {
  const head = await transact(db, "export_audit", (tx) => headOf(tx, tenantId), { readOnly: true });
  const exportedAt = new Date().toISOString();
  const first: FirstLine = { zeroraceAuditLog: 1, tenantId, head, exportedAt };
  yield `${JSON.stringify(first)}\n`;
  for (let after = 0n; ;) {
    const rows = await transact(
      db,
      "export_audit",
      (tx) => readAfter(tx, tenantId, after, pageRows),
      {
        readOnly: true,
      },
    );
    const ours = rows.filter(({ seq }) => seq <= head.seq);
    if (ours.length > 0) yield ours.map(lineOf).join("");
    after = rows.at(-1)?.seq ?? after;
    if (ours.length < pageRows) return;
  }
}

function lineOf({ seq, ...entry }: HashedEntry): string {
  return `${JSON.stringify({ seq: Number(seq), ...entry })}\n`;
}
