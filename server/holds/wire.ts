import { z } from "zod";
import { buyingFields, idempotencyKey, onPurchaseFields } from "../http/fields.ts";
import { whole } from "../http/shapes.ts";
import { holdSecondsMax } from "../kernel/ask.ts";

/** The bodies of /v1/holds. */

const holdSeconds = whole(1, holdSecondsMax);

export const holdBody = z.strictObject({
  ...buyingFields,
  holdSeconds: holdSeconds.default(600),
  idempotencyKey,
});

export const captureBody = z.strictObject({
  ...onPurchaseFields,
  /** Part of the hold; the rest returns. Absent: all of it. */
  quantity: whole(1).optional(),
});

export const extendBody = z.strictObject({ ...onPurchaseFields, holdSeconds });

export const releaseBody = z.strictObject(onPurchaseFields);
