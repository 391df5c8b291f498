import { z } from "zod";
import { count, currency, id, minor, time } from "../http/shapes.ts";
import type { Found } from "./verdict.ts";
import type { FirstSteps, ReadyToBuy } from "./first-steps.ts";

/** The answers of /v1/tenant/proof and /v1/tenant/first-steps. */

const finding = z.object({
  name: z.string().meta({ description: "As `zerorace prove` calls it." }),
  says: z.string().meta({ description: "What must be true." }),
  kind: z.enum(["invariant", "audit"]),
  count: count.nullable().meta({
    description:
      "Counterexamples in this tenant's books: 0 while it holds. Null: nobody has looked yet, or it is " +
      "broken somewhere and this tenant's part could not be counted in time.",
  }),
  checkedAt: time.nullable().meta({ description: "When a worker last looked; null: never." }),
});

export const proofView = z
  .object({
    verdict: z.enum(["holds", "broken", "unknown"]).meta({
      description: "`unknown` until a worker has looked at all of them once.",
    }),
    checkedAt: time.nullable().meta({ description: "Of the one that was looked at longest ago." }),
    findings: z.array(finding),
  })
  .meta({ id: "TenantProof", description: "Whether the books hold what is promised." });

export type ProofView = z.output<typeof proofView>;

export const stepNames = ["run", "key", "item", "mandate", "purchase", "webhook"] as const;
export type StepName = (typeof stepNames)[number];

const readyToBuy = z.object({
  merchantId: id,
  mandateId: id,
  itemId: id,
  agentId: z.string(),
  quantity: z.int(),
  amountMinor: minor,
  currency,
});

export const firstStepsView = z
  .object({
    steps: z.array(
      z.object({
        step: z.enum(stepNames),
        doneAt: time.nullable().meta({ description: "When it was first done; null: not yet." }),
      }),
    ),
    merchantId: id.nullable().meta({ description: "The newest merchant, to make an item for." }),
    purchase: readyToBuy.nullable().meta({
      description:
        "A body that `POST /v1/purchases/commit` takes, of an item that is for sale and a mandate that " +
        "allows it. Null: there is no such pair.",
    }),
  })
  .meta({ id: "FirstSteps", description: "What a newcomer has done, as the books know it." });

export type FirstStepsView = z.output<typeof firstStepsView>;

export function viewOfProof(found: readonly Found[]): ProofView {
  const times = found.map(({ checkedAt }) => checkedAt);
  const isWhole = times.every((at) => at !== null);
  const oldest = isWhole ? times.reduce((a, b) => (b < a ? b : a)) : null;
  const isBroken = found.some((one) => one.isBroken && one.count !== 0);
  return {
    verdict: isBroken ? "broken" : isWhole ? "holds" : "unknown",
    checkedAt: oldest?.toISOString() ?? null,
    findings: found.map(({ name, says, kind, count: breaches, checkedAt }) => {
      return { name, says, kind, count: breaches, checkedAt: checkedAt?.toISOString() ?? null };
    }),
  };
}

export function viewOfFirstSteps({ merchantId, ready, ...done }: FirstSteps): FirstStepsView {
  return {
    steps: stepNames.map((step) => ({ step, doneAt: done[step]?.toISOString() ?? null })),
    merchantId,
    purchase: ready === undefined ? null : bodyOf(ready),
  };
}

function bodyOf({ priceMinor, agentId, ...rest }: ReadyToBuy): FirstStepsView["purchase"] {
  return { ...rest, agentId: agentId ?? "agent-1", quantity: 1, amountMinor: Number(priceMinor) };
}
