import { z } from "zod";
import { email, givenPassword, newPassword, personName } from "../auth/people-fields.ts";
import type { Session } from "../auth/session-rows.ts";
import { rfc3339 } from "../http/cursor.ts";

/** The bodies and answers of /v1/session and /v1/sessions. */

export const signInBody = z.strictObject({ email, password: givenPassword }).meta({
  examples: [{ email: "ann@example.com", password: "correct horse battery" }],
});
export type SignInBody = z.output<typeof signInBody>;

export const nameBody = z
  .strictObject({ name: personName })
  .meta({ examples: [{ name: "Ann Lee" }] });

export const passwordBody = z
  .strictObject({
    currentPassword: givenPassword,
    newPassword,
  })
  .meta({
    examples: [{ currentPassword: "correct horse battery", newPassword: "staple, correct, horse" }],
  });
export type PasswordBody = z.output<typeof passwordBody>;

export const sessionEntryView = z.object({
  id: z.uuid(),
  ip: z.string(),
  userAgent: z.string(),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  expiresAt: z.string(),
  isThis: z.boolean().meta({ description: "The one that asks." }),
});
export type SessionEntryView = z.output<typeof sessionEntryView>;

export const sessionListView = z.object({ data: z.array(sessionEntryView) });
export const endedView = z.object({ ended: z.int() });

export function viewOf(session: Session, ownId: string): SessionEntryView {
  const { sessionId, ip, userAgent, createdAt, seenAt, expiresAt } = session;
  return {
    id: sessionId,
    ip,
    userAgent,
    createdAt: rfc3339(createdAt),
    lastSeenAt: rfc3339(seenAt),
    expiresAt: rfc3339(expiresAt),
    isThis: sessionId === ownId,
  };
}
