import { hash } from "node:crypto";
import type { Request } from "express";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { Problem } from "./problem.ts";

/** A request that has its effect once, however often it is sent. */
export interface Keyed {
  readonly tenantId: string;
  /** The path that was called: the same key on another path is another key. */
  readonly route: string;
  readonly key: string;
  /** As its schema left it. */
  readonly body: object;
}

/** What a request did. */
export interface Effect {
  readonly objectId: string;
  /** Which sending of the request had the effect. */
  readonly requestId: string;
}

/** What is on record under a key, and whether it is this very request. */
export interface Known extends Effect {
  readonly same: boolean;
}

export async function recallKey(tx: Tx, keyed: Keyed): Promise<Known | undefined> {
  const { tenantId, route, key } = keyed;
  const [row] = await tx.rows<Known>(
    sql`select object_id as "objectId", request_id as "requestId",
               fingerprint = ${fingerprintOf(keyed)} as same
          from request_keys where tenant_id = ${tenantId} and route = ${route} and key = ${key}`,
  );
  return row;
}

export function reused(): Problem {
  const says = "This key did something else. Send the first body unchanged, or take a new key.";
  return new Problem("KEY_REUSED", says);
}

/** In the transaction of the effect itself: there is none without its key, and no key without it. */
export async function rememberKey(tx: Tx, keyed: Keyed, effect: Effect): Promise<void> {
  const { tenantId, route, key } = keyed;
  await tx.write(
    sql`insert into request_keys (tenant_id, route, key, fingerprint, object_id, request_id)
        values (${tenantId}, ${route}, ${key}, ${fingerprintOf(keyed)}, ${effect.objectId},
                ${effect.requestId})`,
    1,
  );
}

function fingerprintOf({ body }: Keyed): string {
  const fields = Object.entries(body).sort(([one], [other]) => (one < other ? -1 : 1));
  return hash("sha256", JSON.stringify(fields), "hex");
}

/** Where sending it again would do it again, whoever sends must be able to say that it is the same. */
export function needIdempotencyKey(req: Pick<Request, "headers">): string {
  const key = readIdempotencyKey(req);
  if (key === undefined) throw new Problem("IDEMPOTENCY_KEY_MISSING");
  return key;
}
