import type { KeyBody } from "../../../../server/keys/wire.ts";

export type KeyScope = KeyBody["scopes"][number];

/** What each scope allows, as a sentence goes on after "It may". */
export const scopeSays: Readonly<Record<KeyScope, string>> = {
  "purchases:read": "look up purchases, holds and their answers",
  "purchases:write": "buy, hold, capture and release",
  "refunds:write": "give money and units back",
  "merchants:read": "see the merchants",
  "merchants:write": "make merchants",
  "items:read": "see items, prices and stock",
  "items:write": "make items, change price and stock, open and close them",
  "mandates:read": "see mandates and what is left of them",
  "mandates:write": "make mandates, change their rules, pause and revoke them",
  "imports:read": "see imports and their bad rows",
  "imports:write": "make items and mandates of whole files, and undo that",
  "ledger:read": "read the books and their balances",
  "usage:read": "count what was asked, by day",
  "keys:read": "see the API keys, without their secrets",
  "keys:write": "make, roll and revoke API keys",
  "audit:read": "read who changed what",
  "webhooks:read": "see webhooks and their deliveries",
  "webhooks:write": "make and change webhooks, deliver again",
  "requests:read": "see the last requests",
  "runs:read": "watch runs of agents",
  "runs:write": "start and stop runs of agents",
};

export const scopeGroups: readonly {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
}[] = [
  { name: "Buy", scopes: ["purchases:read", "purchases:write", "refunds:write"] },
  { name: "Sell", scopes: ["merchants:read", "merchants:write", "items:read", "items:write"] },
  { name: "Permit", scopes: ["mandates:read", "mandates:write"] },
  { name: "Import", scopes: ["imports:read", "imports:write"] },
  { name: "Account", scopes: ["ledger:read", "usage:read"] },
  {
    name: "Build",
    scopes: ["webhooks:read", "webhooks:write", "requests:read", "runs:read", "runs:write"],
  },
  { name: "Govern", scopes: ["keys:read", "keys:write", "audit:read"] },
];

const all = scopeGroups.flatMap(({ scopes }) => scopes);

export const presetNames = ["agent", "server", "reader"] as const;
export type PresetName = (typeof presetNames)[number];

/** The usual tasks: where to begin, before single scopes are picked. */
export const presets: Readonly<
  Record<
    PresetName,
    { readonly label: string; readonly says: string; readonly scopes: readonly KeyScope[] }
  >
> = {
  agent: {
    label: "An agent that buys",
    says: "Buys, holds, and looks up what it bought. Nothing else.",
    scopes: ["purchases:read", "purchases:write"],
  },
  server: {
    label: "My server",
    says: "Sets up the shop, sells, gives back and listens. Makes no keys.",
    scopes: all.filter((scope) => scope !== "keys:write" && scope !== "audit:read"),
  },
  reader: {
    label: "Read only",
    says: "Sees everything and changes nothing.",
    scopes: all.filter((scope) => scope.endsWith(":read")),
  },
};

/** A scope of a key that is older or newer than this page has no sentence here. */
export function sayOf(scope: string): string | undefined {
  return (scopeSays as Readonly<Record<string, string>>)[scope];
}

export function isSame(chosen: ReadonlySet<string>, scopes: readonly string[]): boolean {
  return chosen.size === scopes.length && scopes.every((scope) => chosen.has(scope));
}

/** What a key may, in few words. */
export function inShort(scopes: readonly string[]): string {
  const chosen = new Set(scopes);
  const task = presetNames.find((name) => isSame(chosen, presets[name].scopes));
  if (task) return presets[task].label;
  return scopes.length === 1 ? (scopes[0] ?? "") : `${scopes.length} scopes`;
}
