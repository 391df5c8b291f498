import { z } from "zod";

/** Shapes that the bodies of several nouns are made of. */

export const uuid = z
  .string("must be a UUID")
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "must be a UUID")
  // Some systems write them in capitals; one id has one fingerprint.
  .toLowerCase();

/** All that there are, but for those of tests and of no currency. */
const currencies = new Set(Intl.supportedValuesOf("currency"));
for (const none of ["XXX", "XTS"]) currencies.delete(none);

export const currency = z
  .string("must be a string")
  .refine((code) => currencies.has(code), "must be an ISO 4217 code in capitals");

export const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .int("must be a whole number")
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);

/** What is shown to people, on one line and with nothing that hides. */
export const words = (most: number) =>
  z
    .string("must be a string")
    .min(1, "must not be empty")
    .max(most, `must have ${most} characters at most`)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must hold no invisible characters")
    .regex(/\S/, "must not be blank");

const rfc3339 = /^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;
const says = "must be a time as in RFC 3339, with its zone";

export const moment = z
  .string(says)
  .regex(rfc3339, says)
  .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, says);

export const nothing = z.strictObject({});
