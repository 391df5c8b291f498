import { z } from "zod";

export const sandboxCommitBody = z
  .strictObject({
    quantity: z
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .max(1_000_000_000)
      .default(1)
      .meta({
        description:
          "Units to claim of the sandbox's one item; more than there are is an example of a decline.",
      }),
  })
  .meta({ id: "SandboxCommit", examples: [{}, { quantity: 900_000_000 }] });

export type SandboxCommitBody = z.input<typeof sandboxCommitBody>;
