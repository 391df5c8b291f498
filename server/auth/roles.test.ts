import { expect, it } from "vitest";
import { roles, scopesOf, scopesOfRole } from "./roles.ts";
import { faultOfScopes, scopes, scopesOfPeople } from "./scopes.ts";

/** What docs/how-to/people.md says, too. */
const table: Readonly<Record<string, string>> = {
  "session:own": "owner operator finance viewer",
  "purchases:read": "owner operator finance viewer",
  "purchases:write": "owner operator",
  "refunds:write": "owner operator finance",
  "merchants:read": "owner operator finance viewer",
  "merchants:write": "owner operator",
  "items:read": "owner operator finance viewer",
  "items:write": "owner operator",
  "mandates:read": "owner operator finance viewer",
  "mandates:write": "owner operator",
  "imports:read": "owner operator finance viewer",
  "imports:write": "owner operator",
  "ledger:read": "owner operator finance viewer",
  "usage:read": "owner operator finance viewer",
  "keys:read": "owner operator finance",
  "keys:write": "owner",
  "audit:read": "owner finance",
  "webhooks:read": "owner operator",
  "webhooks:write": "owner operator",
  "requests:read": "owner operator",
  "runs:read": "owner operator finance viewer",
  "runs:write": "owner operator",
  "people:read": "owner finance",
  "people:write": "owner",
  "instance:read": "",
  "instance:write": "",
};

it.each(Object.entries(table))("%s is what these may use: %s", (scope, those) => {
  const may = roles.filter((role) => (scopesOfRole[role] as readonly string[]).includes(scope));
  expect(may.join(" ")).toBe(those);
});

it("every scope is in the table, and no role has one twice", () => {
  expect([...scopes, ...scopesOfPeople].sort()).toEqual(Object.keys(table).sort());
  for (const role of roles) {
    expect(new Set(scopesOfRole[role]).size).toBe(scopesOfRole[role].length);
  }
});

it("only the instance operator sees instance matters, in whatever role", () => {
  for (const role of roles) {
    const own = scopesOf({ role, isInstanceOperator: false });
    expect(own).toEqual(scopesOfRole[role]);
    expect(scopesOf({ role, isInstanceOperator: true })).toEqual([
      ...own,
      "instance:read",
      "instance:write",
    ]);
  }
});

it.each(scopesOfPeople)("no key can have %s", (scope) => {
  expect(faultOfScopes([scope])).toContain("is not a scope");
});
