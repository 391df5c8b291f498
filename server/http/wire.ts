import { z } from "zod";
import { isProblemCode, problemKinds, type ProblemCode } from "./problem-codes.ts";
import { id } from "./shapes.ts";

const fault = z.object({
  pointer: z
    .string()
    .meta({ description: "An RFC 6901 pointer into the body, or a parameter's name." }),
  code: z.string(),
  detail: z.string(),
});

/** What `problemText` writes. */
export const problemView = z
  .object({
    type: z.string().meta({ format: "uri-reference", description: "The page about this code." }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: "What to do, in words." }),
    code: z
      .enum(Object.keys(problemKinds).filter(isProblemCode))
      .meta({ description: "What a program decides by." }),
    requestId: id.meta({ description: "The same as in the header Request-Id." }),
    retryable: z
      .boolean()
      .meta({ description: "Whether the very same request may succeed when sent again." }),
    outcome: z.enum(["none", "unknown"]).meta({
      description:
        "`none`: nothing was recorded. `unknown`: it may be; the same ask and key will tell.",
    }),
    errors: z.array(fault).optional().meta({ description: "Every fault that was found." }),
  })
  .meta({ id: "Problem", description: "RFC 9457. Every error is one of these." });

export type ProblemView = z.output<typeof problemView>;

/** As a caller would get it, for the reference. */
export function problemExample(code: ProblemCode): ProblemView {
  const { status, title, todo, retryable = false, inDoubt = false } = problemKinds[code];
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: todo,
    code,
    requestId: "1f0e7c6a-7a3c-4b0e-9d55-0a8f4f1f2b77",
    retryable,
    outcome: inDoubt ? "unknown" : "none",
  };
}
