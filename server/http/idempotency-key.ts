import type { Request } from "express";
import { holdsSecret } from "../base/log.ts";
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
  if (holdsSecret(key)) {
    const detail =
      "A key or a token is no idempotency key: revoke it, and take a UUID for example.";
    throw new Problem("IDEMPOTENCY_KEY_INVALID", detail);
  }
  return key;
}
