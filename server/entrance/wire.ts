import { z } from "zod";
import {
  email,
  linkToken,
  newPassword,
  organisationName,
  personName,
} from "../auth/people-fields.ts";

/** The bodies of the ways in that make or mend an account. Each is answered with a session. */

export const claimBody = z.strictObject({
  token: linkToken,
  organisation: organisationName,
  name: personName,
  email,
  password: newPassword,
});

export const signUpBody = z.strictObject({
  /** Of the invitation. Without one sign-up must be open, and the address must be given. */
  token: linkToken.optional(),
  email: email.optional(),
  /** The name of the organisation to be made; not where the invitation is to one that there is. */
  organisation: organisationName.optional(),
  name: personName,
  password: newPassword,
});

export const recoveryUseBody = z.strictObject({ token: linkToken, password: newPassword });

export type ClaimBody = z.output<typeof claimBody>;
export type SignUpBody = z.output<typeof signUpBody>;
export type RecoveryUseBody = z.output<typeof recoveryUseBody>;
