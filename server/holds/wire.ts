import { z } from "zod";
import { buyingExample, buyingFields, idempotencyKey, onPurchaseFields } from "../http/fields.ts";
import { whole } from "../http/shapes.ts";
import { holdSecondsMax } from "../kernel/ask.ts";

/** The bodies of /v1/holds. */

const holdSeconds = whole(1, holdSecondsMax).meta({ description: "Counted from now." });

const merchantId = buyingExample.merchantId;

export const holdBody = z
  .strictObject({ ...buyingFields, holdSeconds: holdSeconds.default(600), idempotencyKey })
  .meta({ id: "NewHold", examples: [{ ...buyingExample, holdSeconds: 600 }] });

export const captureBody = z
  .strictObject({
    ...onPurchaseFields,
    quantity: whole(1)
      .optional()
      .meta({ description: "Part of the hold; the rest returns. Absent: all of it." }),
  })
  .meta({ examples: [{ merchantId }] });

export const extendBody = z
  .strictObject({ ...onPurchaseFields, holdSeconds })
  .meta({ examples: [{ merchantId, holdSeconds: 900 }] });

export const releaseBody = z.strictObject(onPurchaseFields).meta({ examples: [{ merchantId }] });
