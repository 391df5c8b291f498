import { z } from "zod";

/** Shapes that the bodies of several nouns are made of. */

export const uuid = z
  .string("must be a UUID")
  .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "must be a UUID")
  // Some systems write them in capitals; one id has one fingerprint.
  .toLowerCase()
  .meta({ format: "uuid" });

/** All that there are, but for those of tests and of no currency. */
const currencies = new Set(Intl.supportedValuesOf("currency"));
for (const none of ["XXX", "XTS"]) currencies.delete(none);

export const currency = z
  .string("must be a string")
  .refine((code) => currencies.has(code), "must be an ISO 4217 code in capitals")
  .meta({ pattern: "^[A-Z]{3}$", description: "An ISO 4217 code, in capitals." });

export const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .int("must be a whole number")
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`)
    .meta({ format: "int64" });

/** What is shown to people, on one line and with nothing that hides. */
export const words = (most: number) =>
  z
    .string("must be a string")
    .min(1, "must not be empty")
    .max(most, `must have ${most} characters at most`)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must hold no invisible characters")
    .regex(/\S/, "must not be blank");

/** `-00:00` says that the zone is not known. */
const rfc3339 =
  /^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|\+\d\d:\d\d|-(?!00:00)\d\d:\d\d)$/;
const says = "must be a time as in RFC 3339, with its zone";

export const moment = z
  .string(says)
  .regex(rfc3339, { error: says, abort: true })
  .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, says)
  .meta({ format: "date-time" });

export const nothing = z.strictObject({}).meta({ examples: [{}] });

/** What the answers are made of. Nothing is checked by these: they say what goes out. */

export const id = z.string().meta({ format: "uuid" });
export const time = z.string().meta({ format: "date-time" });
export const count = z.int().meta({ format: "int64" });
export const minor = count.meta({ description: "In minor units, cents for example." });

export function listOf<View extends z.ZodType>(name: string, view: View) {
  const data = z.array(view).meta({ description: "Newest first." });
  const nextCursor = z
    .string()
    .nullable()
    .meta({ description: "The cursor of the next page; null after the last one." });
  return z.object({ data, nextCursor }).meta({ id: name });
}
