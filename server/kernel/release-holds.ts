import { randomUUID } from "node:crypto";
import { DoubtError } from "../db/faults.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import type { Kernel } from "./gather.ts";
import type { Answer, ReleaseAsk } from "./types.ts";

interface Held {
  readonly purchaseId: string;
  readonly merchantId: string;
}

const pageOf = 500;

/**
 * Gives back every hold of a mandate, as a principal may want after a revoke. Each by an ask with a
 * key of its own, so it may be called again after any failure. Returns how many were given back.
 */
export async function releaseHolds(
  kernel: Kernel,
  db: Db,
  { tenantId, mandateId }: { tenantId: string; mandateId: string },
): Promise<number> {
  let released = 0;
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const held = await heldAfter(db, { tenantId, mandateId, after });
    const answers = await Promise.all(
      held.map((one) => releaseOne(kernel, { kind: "release", tenantId, ...one })),
    );
    if (answers.some(({ kind }) => kind !== "granted" && kind !== "declined")) {
      throw new DoubtError("some holds may not be given back yet");
    }
    released += answers.filter((answer) => answer.kind === "granted" && !answer.replayed).length;
    const last = held.at(-1);
    if (!last) return released;
    after = last.purchaseId;
  }
}

async function releaseOne(kernel: Kernel, ask: Omit<ReleaseAsk, "key">): Promise<Answer> {
  const key = `release-${ask.purchaseId}`;
  const answer = await kernel.ask({ ...ask, key });
  // Somebody may have used that very key for something else.
  if (answer.kind !== "conflict") return answer;
  return kernel.ask({ ...ask, key: `${key}-${randomUUID()}` });
}

async function heldAfter(
  db: Db,
  { tenantId, mandateId, after }: { tenantId: string; mandateId: string; after: string },
): Promise<Held[]> {
  const query = sql`select distinct purchase_id as "purchaseId", merchant_id as "merchantId"
                      from purchases
                     where mandate_id = ${mandateId} and tenant_id = ${tenantId}
                       and state = 'held' and purchase_id > ${after}
                     order by purchase_id
                     limit ${pageOf}`;
  return transact(db, "find_holds", (tx) => tx.rows<Held>(query), { readOnly: true });
}
