import type { Request } from "express";
import { Problem } from "./problem.ts";

const visibleAscii = /^[\x21-\x7e]{1,255}$/;

/** The header is authoritative; the body's field counts where there is no header. */
export function readIdempotencyKey(
  req: Pick<Request, "headers">,
  inBody?: string,
): string | undefined {
  const key = req.headers["idempotency-key"] ?? inBody;
  if (key === undefined) return undefined;
  // Two quotes are an empty string to clients that send structured fields.
  if (typeof key !== "string" || !visibleAscii.test(key) || key === '""') {
    throw new Problem("IDEMPOTENCY_KEY_INVALID");
  }
  return key;
}
