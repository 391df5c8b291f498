import { z } from "zod";
import type { Config } from "../base/config.ts";
import { count, id, minor, time } from "../http/shapes.ts";
import { resetsAt, type SandboxStock, type SandboxWorld } from "./world.ts";

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

export const sandboxView = z
  .object({
    tenantId: id,
    merchantId: id,
    itemId: id,
    mandateId: id,
    priceMinor: minor,
    currency: z.string(),
    stock: z.object({ stocked: count, free: count }).meta({
      description: "Units that were brought in, and those that are left: a second old at most.",
    }),
    openedAt: time,
    resetsAt: time.nullable().meta({
      description: "When another takes its place, if anybody bought; null: never by itself.",
    }),
  })
  .meta({ id: "Sandbox", description: "A world with one thing for sale and a mandate to buy it." });

export type SandboxView = z.output<typeof sandboxView>;

export function viewOfSandbox(
  world: SandboxWorld,
  { stocked, free }: SandboxStock,
  config: Pick<Config, "sandboxHours">,
): SandboxView {
  const { priceMinor, openedAt, ...shown } = world;
  return {
    ...shown,
    priceMinor: Number(priceMinor),
    stock: { stocked: Number(stocked), free: Number(free) },
    openedAt: openedAt.toISOString(),
    resetsAt: resetsAt(world, config)?.toISOString() ?? null,
  };
}
