import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import type { OrganisationSight } from "./store.ts";

/** The answers of /v1/instance. */

export const organisationView = z.object({
  id: z.uuid(),
  name: z.string(),
  tenants: z.object({ live: z.uuid(), test: z.uuid() }),
  people: z.int(),
  createdAt: z.string(),
});
export type OrganisationView = z.output<typeof organisationView>;

export const organisationsView = z.object({
  data: z.array(organisationView),
  nextCursor: z.string().nullable(),
});

export function viewOfOrganisation(sight: OrganisationSight): OrganisationView {
  const { organisationId, name, liveTenantId, testTenantId, people, createdAt } = sight;
  return {
    id: organisationId,
    name,
    tenants: { live: liveTenantId, test: testTenantId },
    people,
    createdAt: rfc3339(createdAt),
  };
}
