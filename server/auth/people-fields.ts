import { z } from "zod";
import { words } from "../http/shapes.ts";
import { faultOfPassword } from "./password.ts";
import { roles } from "./roles.ts";

/** The fields that the bodies of people's matters have in common. */

const form = /^[^\s@<>()[\]\\,;:"]{1,64}@[^\s@<>()[\]\\,;"]{1,189}$/;

export const email = words(254)
  .regex(form, "must be an address such as ann@example.com")
  // One account for an address, however it is written.
  .toLowerCase();

export const personName = words(200);
export const organisationName = words(200);

export const role = z.enum(roles, `must be one of ${roles.join(", ")}`);

/** A password to be. */
export const newPassword = z.string("must be a string").superRefine((text, context) => {
  const message = faultOfPassword(text);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** One that is tried: whatever it is, it is either right or not. */
export const givenPassword = z.string("must be a string").min(1, "must not be empty").max(1_000);

/** As it stands at the end of a link. Any text: what is no token is a link that is not valid. */
export const linkToken = z.string("must be a string").min(1, "must not be empty").max(200);
