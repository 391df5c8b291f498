import { hash } from "node:crypto";
import type { Request } from "express";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { Problem } from "./problem.ts";

export interface Creation {
  readonly tenantId: string;
  /** The path that was called: the same key on another path is another key. */
  readonly route: string;
  readonly key: string;
  /** As its schema left it. */
  readonly body: object;
}

export interface Created {
  readonly id: string;
  /** It was there already, from the first time that this was sent. */
  readonly replayed: boolean;
}

/**
 * Makes one thing for a key, with all that belongs to it, in one transaction. `make` returns a
 * Problem, before it has written anything, when it cannot; then the key is not used up.
 */
export async function createOnce(
  db: Db,
  { tenantId, route, key, body }: Creation,
  make: (tx: Tx, id: string) => Promise<Problem | undefined>,
): Promise<Created> {
  const fields = Object.entries(body).sort(([one], [other]) => (one < other ? -1 : 1));
  const fingerprint = hash("sha256", JSON.stringify(fields), "hex");
  const newId = db.dialect.newId();
  const work = async (tx: Tx): Promise<Created | Problem> => {
    const [known] = await tx.tuples<[fingerprint: string, id: string]>(
      sql`select fingerprint, object_id from create_keys
           where tenant_id = ${tenantId} and route = ${route} and key = ${key}`,
    );
    if (known) {
      const [first, id] = known;
      return first === fingerprint ? { id, replayed: id !== newId } : reused();
    }
    const problem = await make(tx, newId);
    if (problem) return problem;
    await tx.write(
      sql`insert into create_keys (tenant_id, route, key, fingerprint, object_id)
          values (${tenantId}, ${route}, ${key}, ${fingerprint}, ${newId})`,
      1,
    );
    return { id: newId, replayed: false };
  };
  const created = await transact(db, "create_once", work, { recalls: true });
  if (created instanceof Problem) throw created;
  return created;
}

function reused(): Problem {
  const detail = "This key made something else. Send the first body unchanged, or take a new key.";
  return new Problem("KEY_REUSED", detail);
}

/** Whoever creates something must be able to send it again. */
export function needIdempotencyKey(req: Pick<Request, "headers">): string {
  const key = readIdempotencyKey(req);
  if (key === undefined) throw new Problem("IDEMPOTENCY_KEY_MISSING");
  return key;
}
