import { closest } from "../base/closest.ts";

/** What a key, or a person by its role, may be allowed to do. A route names the one that it needs. */
export const scopes = [
  "purchases:read",
  "purchases:write",
  "refunds:write",
  "merchants:read",
  "merchants:write",
  "items:read",
  "items:write",
  "mandates:read",
  "mandates:write",
  "imports:read",
  "imports:write",
  "ledger:read",
  "usage:read",
  "keys:read",
  "keys:write",
  "audit:read",
  "webhooks:read",
  "webhooks:write",
  "requests:read",
  "runs:read",
  "runs:write",
] as const;

/** What no key may do, however it was made: that is left to people who have signed in. */
export const scopesOfPeople = [
  /** To see and end the sessions of oneself: everybody who has signed in. */
  "session:own",
  "people:read",
  "people:write",
  "instance:read",
  "instance:write",
] as const;

export type Scope = (typeof scopes)[number] | (typeof scopesOfPeople)[number];

/** What an agent needs to buy, and nothing else. */
export const scopesDefault: readonly Scope[] = ["purchases:read", "purchases:write"];

/** A sentence about the first that does not exist; undefined when all are scopes. */
export function faultOfScopes(names: readonly string[]): string | undefined {
  if (names.length === 0) return "A key needs at least one scope.";
  const known: readonly string[] = scopes;
  const wrong = names.find((name) => !known.includes(name));
  if (wrong === undefined) return undefined;
  const meant = closest(wrong, known);
  return meant === undefined
    ? `${JSON.stringify(wrong)} is not a scope: there are ${known.join(", ")}.`
    : `${JSON.stringify(wrong)} is not a scope: did you mean ${meant}?`;
}
