import { z } from "zod";
import { scopeOf, topicNames } from "./topics.ts";

/** The parameters of /v1/stream. */

const topicsMax = 20;
const unknown = `must be some of ${topicNames.join(", ")}, with commas between them`;

export function topicsIn(text: string): string[] {
  return [...new Set(text.split(","))];
}

const areKnown = (text: string): boolean =>
  topicsIn(text).every((topic) => scopeOf(topic) !== undefined);

const topics = z
  .string("must name what to listen to, as in purchases,items")
  .refine((text) => text.split(",").length <= topicsMax, `must be ${topicsMax} topics at most`)
  .refine(areKnown, unknown);

const seconds = "must be a whole number from 1 to 86400";

export const streamQuery = z.object({
  topics: topics.meta({
    description: `What to listen to: some of ${topicNames.join(", ")}, with commas between them.`,
    examples: ["purchases,items"],
  }),
  maxSeconds: z
    .string(seconds)
    .regex(/^[1-9]\d{0,4}$/, seconds)
    .transform(Number)
    .pipe(z.int().max(86_400, seconds))
    .optional()
    .meta({ description: "The stream ends after that time; else it goes on." }),
});
