import type { PersonView, RolesView } from "../../../../server/people/wire.ts";
import { scopeGroups, scopeSays } from "../keys/scopes.ts";

export type Role = PersonView["role"];

/** Each in a sentence; what exactly it may do is in the table, which the server gives. */
export const roleSays: Readonly<Record<Role, string>> = {
  owner: "Everything in the organisation, also people and API keys.",
  operator: "Runs the shop: items, mandates, purchases, webhooks. No people, no new keys.",
  finance: "Reads the books, the audit log and who is here; gives money back.",
  viewer: "Looks at the shop and changes nothing.",
};

export const roleNames = Object.keys(roleSays) as readonly Role[];

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const ofPeople: Readonly<Record<string, string>> = {
  "session:own": "sign in, change the own name and password",
  "people:read": "see the people of the organisation",
  "people:write": "invite, give roles, remove, rename the organisation",
  "instance:read": "see how the whole server does, and all organisations",
  "instance:write": "mend the server, invite organisations",
};

export interface RoleRow {
  readonly scope: string;
  readonly group: string;
  readonly says: string;
  /** Who may: roles, and "instance" for who runs the server. */
  readonly who: ReadonlySet<string>;
}

/** What is in any role, in the groups of the API keys; what this page has no words for comes last. */
export function rowsOf({ roles, instanceOperator }: RolesView): readonly RoleRow[] {
  const all = new Set([...roles.flatMap(({ scopes }) => scopes), ...instanceOperator.scopes]);
  const groups = scopeGroups.map(
    ({ name, scopes }) => [name, scopes as readonly string[]] as const,
  );
  const known: (readonly [string, string])[] = [
    ...groups.flatMap(([name, scopes]) => scopes.map((scope) => [name, scope] as const)),
    ...Object.keys(ofPeople).map((scope) => ["People and server", scope] as const),
  ];
  const named = new Set(known.map(([, scope]) => scope));
  const others = [...all].filter((scope) => !named.has(scope));
  return [...known, ...others.map((scope) => ["Other", scope] as const)]
    .filter(([, scope]) => all.has(scope))
    .map(([group, scope]) => ({
      scope,
      group,
      says: (scopeSays as Readonly<Record<string, string>>)[scope] ?? ofPeople[scope] ?? "",
      who: new Set([
        ...roles.filter(({ scopes }) => scopes.includes(scope)).map(({ role }) => role),
        ...(instanceOperator.scopes.includes(scope) ? ["instance"] : []),
      ]),
    }));
}
