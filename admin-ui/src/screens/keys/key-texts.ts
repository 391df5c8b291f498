import { curlOf } from "../../api/curl.ts";
import type { FirstStepsView } from "../../../../server/overview/wire.ts";
import type { MadeView } from "../../../../server/keys/wire.ts";

/** Where a scope is tried without changing anything. */
const tries: readonly (readonly [scope: string, path: string])[] = [
  ["purchases:read", "/v1/purchases?limit=1"],
  ["items:read", "/v1/items?limit=1"],
  ["mandates:read", "/v1/mandates?limit=1"],
  ["merchants:read", "/v1/merchants?limit=1"],
  ["ledger:read", "/v1/ledger/balances"],
  ["usage:read", "/v1/usage"],
  ["runs:read", "/v1/runs?limit=1"],
  ["webhooks:read", "/v1/webhooks?limit=1"],
  ["requests:read", "/v1/requests?limit=1"],
  ["keys:read", "/v1/keys?limit=1"],
  ["audit:read", "/v1/audit/entries?limit=1"],
];

/** A request that this very key can send: a purchase where there is one to make, else a look. */
export function firstCallOf(
  { id, scopes, agentIds, mandateIds }: MadeView,
  key: string,
  purchase: FirstStepsView["purchase"] | undefined,
): string | undefined {
  const isBound = agentIds !== null || mandateIds !== null;
  if (purchase && !isBound && scopes.includes("purchases:write")) {
    return curlOf("POST", "/v1/purchases/commit", purchase, {
      key,
      // Of its own for each key: a second one would be answered with the first one's purchase.
      idempotencyKey: `first-purchase-${id.slice(0, 6)}`,
    });
  }
  const known = tries.find(([scope]) => scopes.includes(scope));
  return known && curlOf("GET", known[1], undefined, { key });
}

export function envFileOf({ name, mode }: MadeView, key: string): string {
  const title = name.replaceAll(/[^\p{L}\p{N} ._-]/gu, " ");
  return `# ${title} (${mode} data, ${location.origin})\nZERORACE_API_KEY=${key}\n`;
}

export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
