import { z } from "zod";
import type { Link } from "../auth/links.ts";
import { email, role } from "../auth/people-fields.ts";
import type { Member, Person } from "../auth/people.ts";
import { roles, scopesOf, scopesOfRole } from "../auth/roles.ts";
import { rfc3339 } from "../http/cursor.ts";
import { count, time, uuid, whole } from "../http/shapes.ts";
import type { Passed } from "./pass-on.ts";

/** The bodies and answers of /v1/people, /v1/invitations and /v1/recoveries. */

export const roleBody = z.strictObject({ role }).meta({ examples: [{ role: "finance" }] });
const hoursMax = 30 * 24;
export const invitationBody = z
  .strictObject({
    email,
    role,
    expiresInHours: whole(1, hoursMax)
      .optional()
      .meta({ description: "168, a week, unless said." }),
  })
  .meta({ examples: [{ email: "bo@example.com", role: "operator" }] });
export const founderBody = z
  .strictObject({ email })
  .meta({ examples: [{ email: "bo@example.com" }] });
export const recoveryBody = z.strictObject({ personId: uuid }).meta({
  examples: [{ personId: "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11" }],
});

export const personView = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role: z.enum(roles),
  isInstanceOperator: z.boolean(),
  createdAt: z.string(),
});
export type PersonView = z.output<typeof personView>;

export const memberView = z.object({
  ...personView.shape,
  lastSeenAt: time.nullable().meta({ description: "Null: not since this is kept." }),
  sessions: count.meta({ description: "How many are open." }),
  isLastOwner: z.boolean().meta({ description: "Then this person can neither go nor step down." }),
});
export type MemberView = z.output<typeof memberView>;

export const invitationView = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(roles),
  createdAt: z.string(),
  expiresAt: z.string(),
});
export type InvitationView = z.output<typeof invitationView>;

/** To be passed on by hand; the token is shown this once. */
const link = z.object({
  token: z.string(),
  link: z
    .string()
    .meta({ description: "With the address in front that ZERORACE_PUBLIC_URL names, if it does." }),
});
export const newInvitationView = z.object({ ...invitationView.shape, ...link.shape });
export type NewInvitationView = z.output<typeof newInvitationView>;
export const recoveryView = z.object({
  personId: z.uuid(),
  expiresAt: z.string(),
  ...link.shape,
});
export type RecoveryView = z.output<typeof recoveryView>;

export const signedOutView = z.object({ ended: count });

const granted = z.array(z.string());
export const rolesView = z.object({
  roles: z.array(z.object({ role: z.enum(roles), scopes: granted })),
  instanceOperator: z.object({ scopes: granted }).meta({
    description: "What who runs the server may do besides what the role allows.",
  }),
});
export type RolesView = z.output<typeof rolesView>;

/** The table that requests are held against. */
export function viewOfRoles(): RolesView {
  const own: readonly string[] = scopesOfRole.viewer;
  const all = scopesOf({ role: "viewer", isInstanceOperator: true });
  return {
    roles: roles.map((one) => ({ role: one, scopes: [...scopesOfRole[one]] })),
    instanceOperator: { scopes: all.filter((scope) => !own.includes(scope)) },
  };
}

export const peopleView = z.object({ data: z.array(memberView) });
export const invitationsView = z.object({ data: z.array(invitationView) });

export function viewOfPerson(person: Person): PersonView {
  const { personId, email: address, name, role: own, isInstanceOperator, createdAt } = person;
  return {
    id: personId,
    email: address,
    name,
    role: own,
    isInstanceOperator,
    createdAt: rfc3339(createdAt),
  };
}

export function viewOfMember(member: Member): MemberView {
  const { lastSeenAt, sessions, isLastOwner } = member;
  return {
    ...viewOfPerson(member),
    lastSeenAt: lastSeenAt && rfc3339(lastSeenAt),
    sessions,
    isLastOwner,
  };
}

export function viewOfInvitation(invitation: Link): InvitationView {
  const { linkId, email: address, role: given, createdAt, expiresAt } = invitation;
  return {
    id: linkId,
    email: address ?? "",
    role: given ?? "viewer",
    createdAt: rfc3339(createdAt),
    expiresAt: rfc3339(expiresAt),
  };
}

export function viewOfNewInvitation(
  made: Passed,
  base: string,
): z.output<typeof newInvitationView> {
  const { token } = made;
  return { ...viewOfInvitation(made.link), token, link: linkTo(base, "join", token) };
}

export function viewOfRecovery(
  { link: made, token }: Passed,
  base: string,
): z.output<typeof recoveryView> {
  const { personId, expiresAt } = made;
  return {
    personId: personId ?? "",
    expiresAt: rfc3339(expiresAt),
    token,
    link: linkTo(base, "recover", token),
  };
}

/** Behind the #, which no browser sends: no proxy and no log sees the token. */
export function linkTo(base: string, page: "claim" | "join" | "recover", token: string): string {
  return `${base}/${page}#${token}`;
}
