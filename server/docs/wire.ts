import { z } from "zod";

export const docsQuery = z.strictObject({
  q: z
    .string()
    .max(200, "must have at most 200 characters")
    .default("")
    .meta({ description: "Words, a setting, a path or a problem's code." }),
});

export const docsFound = z
  .object({
    data: z.array(
      z.object({
        page: z.string(),
        title: z.string().meta({ description: "The heading that it was found under." }),
        href: z.string().meta({ format: "uri-reference" }),
        excerpt: z.string(),
      }),
    ),
  })
  .meta({ id: "DocsFound", description: "What was found, the best first." });
