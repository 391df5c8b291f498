import { z } from "zod";
import {
  email,
  linkToken,
  newPassword,
  organisationName,
  personName,
} from "../auth/people-fields.ts";
import { roles } from "../auth/roles.ts";
import { rfc3339 } from "../http/cursor.ts";
import { time } from "../http/shapes.ts";
import type { LinkSight } from "./look-at-link.ts";

const token = `zrl_${"0123456789".repeat(4)}abc`;
const somebody = { name: "Ann Lee", password: "correct horse battery" };

/** The bodies of the ways in that make or mend an account. Each is answered with a session. */

export const claimBody = z
  .strictObject({
    token: linkToken,
    organisation: organisationName,
    name: personName,
    email,
    password: newPassword,
  })
  .meta({
    examples: [{ token, organisation: "Lamps and More", email: "ann@example.com", ...somebody }],
  });

export const signUpBody = z
  .strictObject({
    token: linkToken.optional().meta({
      description:
        "Of the invitation. Without one sign-up must be open, and the address must be given.",
    }),
    email: email.optional(),
    organisation: organisationName.optional().meta({
      description:
        "The name of the organisation to be made; not where the invitation is to one that there is.",
    }),
    name: personName,
    password: newPassword,
  })
  .meta({ examples: [{ token, ...somebody }] });

export const recoveryUseBody = z.strictObject({ token: linkToken, password: newPassword }).meta({
  examples: [{ token, password: somebody.password }],
});

export const linkBody = z.strictObject({ token: linkToken }).meta({ examples: [{ token }] });

export const linkView = z
  .object({
    kind: z.enum(["claim", "invitation", "recovery"]),
    organisation: z.string().nullable().meta({
      description: "The one to join, or of the account; null: one is made, and has to be named.",
    }),
    email: z.string().nullable().meta({ description: "Whose link it is; null: whoever comes." }),
    role: z.enum(roles).nullable(),
    expiresAt: time,
  })
  .meta({ id: "PassedLink", description: "What a link is for that somebody passed on." });
export type LinkView = z.output<typeof linkView>;

export const viewOfLink = ({
  kind,
  organisation,
  email,
  role,
  expiresAt,
}: LinkSight): LinkView => ({
  kind,
  organisation,
  email,
  role,
  expiresAt: rfc3339(expiresAt),
});

/** What a visitor may know before signing in. */
export const entranceView = z.object({
  signUp: z.enum(["invitation", "open"]).meta({
    description: "Who may make an account: those who were invited, or everybody.",
  }),
});

export type EntranceView = z.output<typeof entranceView>;
export type ClaimBody = z.output<typeof claimBody>;
export type SignUpBody = z.output<typeof signUpBody>;
export type RecoveryUseBody = z.output<typeof recoveryUseBody>;
