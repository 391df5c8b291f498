import type { Scope } from "./scopes.ts";

/** What people are in their organisation. */
export const roles = ["owner", "operator", "finance", "viewer"] as const;
export type Role = (typeof roles)[number];

const everyone = [
  "session:own",
  "purchases:read",
  "merchants:read",
  "items:read",
  "imports:read",
  "runs:read",
] as const;

/** The whole of what a role may do. What is not here is refused. */
export const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = {
  owner: [
    ...everyone,
    "purchases:write",
    "refunds:write",
    "merchants:write",
    "items:write",
    "imports:write",
    "mandates:read",
    "mandates:write",
    "ledger:read",
    "usage:read",
    "keys:read",
    "keys:write",
    "audit:read",
    "webhooks:read",
    "webhooks:write",
    "requests:read",
    "people:read",
    "people:write",
    "runs:write",
  ],
  operator: [
    ...everyone,
    "purchases:write",
    "refunds:write",
    "merchants:write",
    "items:write",
    "imports:write",
    "mandates:read",
    "mandates:write",
    "ledger:read",
    "usage:read",
    "keys:read",
    "webhooks:read",
    "webhooks:write",
    "requests:read",
    "runs:write",
  ],
  finance: [
    ...everyone,
    "refunds:write",
    "mandates:read",
    "ledger:read",
    "usage:read",
    "keys:read",
    "audit:read",
    "people:read",
  ],
  viewer: [...everyone, "mandates:read", "ledger:read", "usage:read"],
};

/** Who of an organisation has a scope; nobody, where it is the instance operator's. */
export function rolesWith(scope: string): readonly Role[] {
  return roles.filter((role) => (scopesOfRole[role] as readonly string[]).includes(scope));
}

const ofInstance: readonly Scope[] = ["instance:read", "instance:write"];

export function scopesOf(person: {
  readonly role: Role;
  readonly isInstanceOperator: boolean;
}): readonly Scope[] {
  const own = scopesOfRole[person.role];
  return person.isInstanceOperator ? [...own, ...ofInstance] : own;
}
