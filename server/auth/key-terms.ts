import { faultOfName } from "../base/name.ts";
import { faultOfScopes } from "./scopes.ts";

/** What a new key may do, for whom, and until when. */
export interface KeyTerms {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly agentIds?: readonly string[];
  readonly mandateIds?: readonly string[];
  readonly expiresAtMs?: number;
}

export const overlapSecondsMax = 7 * 24 * 3_600;
export const boundsMax = 100;
const yearTenThousand = Date.UTC(9999, 11, 31);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A sentence about what is wrong with the terms; undefined when nothing is. */
export function faultOfNewKey(terms: KeyTerms): string | undefined {
  const { agentIds, mandateIds, expiresAtMs } = terms;
  return (
    faultOfName(terms.name) ??
    faultOfScopes(terms.scopes) ??
    faultOfBounds("agents", agentIds, isAgentId) ??
    faultOfBounds("mandates", mandateIds, (id) => uuid.test(id)) ??
    faultOfExpiry(expiresAtMs)
  );
}

/** As the kernel takes them in an ask. */
function isAgentId(id: string): boolean {
  return id.length > 0 && id.length <= 255 && !/\p{Cc}/u.test(id) && id.isWellFormed();
}

function faultOfBounds(
  what: string,
  ids: readonly string[] | undefined,
  isId: (id: string) => boolean,
): string | undefined {
  if (ids === undefined) return undefined;
  if (ids.length === 0 || ids.length > boundsMax) {
    return `A key is bound to 1 to ${boundsMax} ${what}, or to none at all.`;
  }
  const wrong = ids.find((id) => !isId(id));
  return wrong === undefined
    ? undefined
    : `${JSON.stringify(wrong)} cannot be an id among the ${what}.`;
}

function faultOfExpiry(atMs: number | undefined): string | undefined {
  if (atMs === undefined || (Number.isFinite(atMs) && atMs < yearTenThousand)) return undefined;
  return "A key's expiry is a moment before the year 10000.";
}
