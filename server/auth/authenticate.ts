import { timingSafeEqual } from "node:crypto";
import { digestOf, parseApiKey } from "./api-key.ts";
import type { AuthFault, Caller } from "./caller.ts";
import type { Keyring } from "./keyring.ts";

/** One answer for whatever is no key of ours: it tells nobody which part was right. */
const invalid: AuthFault = {
  fault: "INVALID_API_KEY",
  detail: "This is not a valid API key.",
};

const required: AuthFault = {
  fault: "AUTHENTICATION_REQUIRED",
  detail: "Send an API key: Authorization: Bearer zr_…",
};

/** Compared where there is no key, so that an unknown id takes the same steps as a wrong secret. */
const nobody = digestOf("");

/**
 * Who sends this `Authorization` header. The checksum comes first, so a mistyped or made-up key never
 * reaches the database; that a key is revoked or expired is told only to who knows its secret.
 */
export async function authenticate(
  keyring: Keyring,
  header: string | undefined,
): Promise<Caller | AuthFault> {
  const token = tokenIn(header);
  if (token === undefined) return required;
  const parts = parseApiKey(token);
  if (!parts) return invalid;
  const known = await keyring.find(parts.keyId);
  const isRight = sameDigest(digestOf(parts.secret), known?.secretHash ?? nobody);
  if (!known || !isRight || known.caller.mode !== parts.mode) return invalid;
  if (known.revoked) return { fault: "API_KEY_REVOKED", detail: "This API key was revoked." };
  if (known.expired) return { fault: "API_KEY_EXPIRED", detail: "This API key has expired." };
  keyring.noteUse(parts.keyId);
  return known.caller;
}

export function tokenIn(header: string | undefined): string | undefined {
  return /^bearer +([^ ]+) *$/i.exec(header ?? "")?.[1];
}

/** In a time that does not depend on where they differ. */
function sameDigest(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one, "latin1"), Buffer.from(other, "latin1")];
  return left.length === right.length && timingSafeEqual(left, right);
}
