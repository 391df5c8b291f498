import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { roles, rolesWith, scopesOf } from "./roles.ts";
import { scopes, scopesOfPeople, type Scope } from "./scopes.ts";
import type { KnownSession } from "./sessions.ts";
import { suspensionIn } from "./suspension.ts";

export const suspensionView = z.object({
  since: z.string().meta({ format: "date-time" }),
  reason: z.string().meta({ description: "As its people are told." }),
});

/** Who has signed in, and what that allows: the answer to every way in. */
export const sessionView = z.object({
  session: z.object({ id: z.uuid(), createdAt: z.string(), expiresAt: z.string() }),
  person: z.object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    isInstanceOperator: z.boolean(),
  }),
  role: z.enum(roles),
  organisation: z.object({
    id: z.uuid(),
    name: z.string(),
    suspension: suspensionView.nullable().meta({
      description: "Null while it is open. Suspended, only what is about one's own account works.",
    }),
  }),
  tenants: z
    .object({ live: z.uuid(), test: z.uuid() })
    .meta({ description: "For the header ZeroRace-Tenant." }),
  scopes: z.array(z.string()),
  rolesWith: z
    .record(z.string(), z.array(z.enum(roles)))
    .meta({ description: "Who of the organisation has a scope: for what this role may not do." }),
});
export type SessionView = z.output<typeof sessionView>;
/** What a route may need. */
export type NeededScope = Scope;

const whoHas = Object.fromEntries(
  [...scopes, ...scopesOfPeople].map((scope) => [scope, [...rolesWith(scope)]]),
);

export function viewOfSession(known: KnownSession): SessionView {
  const { sessionId, startedAt, expiresAt, personId, email, name, isInstanceOperator } = known;
  return {
    session: { id: sessionId, createdAt: rfc3339(startedAt), expiresAt: rfc3339(expiresAt) },
    person: { id: personId, email, name, isInstanceOperator },
    role: known.role,
    organisation: {
      id: known.organisationId,
      name: known.organisation,
      suspension: suspensionIn(known) ?? null,
    },
    tenants: { live: known.liveTenantId, test: known.testTenantId },
    scopes: [...scopesOf(known)],
    rolesWith: whoHas,
  };
}
