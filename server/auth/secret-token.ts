import { randomBytes } from "node:crypto";
import { digestOf } from "./api-key.ts";

/** What a browser holds for a session, and what a link ends with. */
export interface SecretToken {
  /** Given away once, kept nowhere. */
  readonly token: string;
  /** What is kept. */
  readonly tokenHash: string;
}

const prefixes = { session: "zrs_", link: "zrl_" } as const;
type Kind = keyof typeof prefixes;

const form = /^zr[sl]_[A-Za-z0-9_-]{43}$/;

/** 256 bits of chance. The prefix lets logs, and those who scan for secrets, tell what it is. */
export function mintToken(kind: Kind): SecretToken {
  const token = prefixes[kind] + randomBytes(32).toString("base64url");
  return { token, tokenHash: digestOf(token) };
}

/** The hash to look for; undefined for what cannot be such a token, so nobody is asked about it. */
export function hashOfToken(kind: Kind, token: string): string | undefined {
  return form.test(token) && token.startsWith(prefixes[kind]) ? digestOf(token) : undefined;
}
