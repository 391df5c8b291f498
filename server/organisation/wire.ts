import { z } from "zod";
import { organisationName } from "../auth/people-fields.ts";
import type { Config } from "../base/config.ts";
import { rfc3339 } from "../http/cursor.ts";
import { count, id, time } from "../http/shapes.ts";
import type { Organisation } from "../tenants/rename.ts";

/** The body and the answer of /v1/organisation. */

export const renameBody = z
  .strictObject({ name: organisationName })
  .meta({ examples: [{ name: "Northlight Studio" }] });

const perSecond = count.nullable().meta({ description: "Requests a second; null: no limit." });
const days = count.nullable().meta({ description: "Null: for ever." });

export const ownOrganisationView = z
  .object({
    id,
    name: z.string(),
    tenants: z.object({ live: id, test: id }),
    createdAt: time,
    limits: z.object({
      perKey: perSecond,
      perTenant: perSecond,
      newKeysPerMinute: count,
      streamsPerCaller: count,
      streamsPerTenant: count,
    }),
    sessions: z.object({
      hours: count,
      idleMinutes: count.meta({ description: "How long one lasts that nobody uses." }),
    }),
    keptDays: z.object({ declines: days, worlds: days }).meta({
      description:
        "Declines with their keys; the worlds of runs. What was granted is kept for ever.",
    }),
    webhookTargets: z.enum(["public", "any"]),
  })
  .meta({ id: "Organisation", description: "An organisation, and what this server grants it." });
export type OwnOrganisationView = z.output<typeof ownOrganisationView>;

const unlessZero = (value: number): number | null => (value === 0 ? null : value);

export function viewOfOwn(
  { organisationId, name, liveTenantId, testTenantId, createdAt }: Organisation,
  config: Config,
): OwnOrganisationView {
  const { streamsPerCaller, streamsPerTenant, newKeysPerMinute, webhookTargets } = config;
  return {
    id: organisationId,
    name,
    tenants: { live: liveTenantId, test: testTenantId },
    createdAt: rfc3339(createdAt),
    limits: {
      perKey: unlessZero(config.ratePerKey),
      perTenant: unlessZero(config.ratePerTenant),
      newKeysPerMinute,
      streamsPerCaller,
      streamsPerTenant,
    },
    sessions: { hours: config.sessionHours, idleMinutes: config.sessionIdleMinutes },
    keptDays: { declines: unlessZero(config.declineDays), worlds: unlessZero(config.worldDays) },
    webhookTargets,
  };
}
