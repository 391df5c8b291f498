import { Fragment } from "../db/sql.ts";
import type { AuthFault } from "./caller.ts";

/** That the operator of this instance has suspended an organisation: as its people are told. */
export interface Suspension {
  readonly since: string;
  readonly reason: string;
}

export interface SuspensionRow {
  readonly suspendedAt: string | null;
  readonly suspendedReason: string | null;
}

/** Of the row of `organisations` that is called `o`. */
export const suspensionColumns = new Fragment(
  `o.suspended_at::text as "suspendedAt", o.suspended_reason as "suspendedReason"`,
);

export function suspensionIn(row: SuspensionRow): Suspension | undefined {
  const { suspendedAt, suspendedReason } = row;
  return suspendedAt === null
    ? undefined
    : { since: new Date(suspendedAt).toISOString(), reason: suspendedReason ?? "" };
}

/** One's own account stays in reach: to read why, and to sign out. So does the instance for its operator. */
const stillOpen = new Set<string>(["session:own", "instance:read", "instance:write"]);

export function faultOfSuspension(
  { since, reason }: Suspension,
  scope: string,
): AuthFault | undefined {
  if (stillOpen.has(scope)) return undefined;
  const detail =
    `The operator of this instance suspended your organisation on ${since.slice(0, 10)}: ` +
    `${reason} Nothing was done. What is on record is kept.`;
  return { fault: "ORGANISATION_SUSPENDED", detail };
}
