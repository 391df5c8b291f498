import type { Scope } from "../auth/scopes.ts";

/** What one may listen to, and the scope that it takes. */
const scopeOfTopic = {
  purchases: "purchases:read",
  items: "items:read",
  mandates: "mandates:read",
  runs: "runs:read",
  summaries: "ledger:read",
  merchants: "merchants:read",
  keys: "keys:read",
  webhooks: "webhooks:read",
  requests: "requests:read",
  imports: "imports:read",
} as const satisfies Readonly<Record<string, Scope>>;

const oneRun = /^run:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const topicNames = [...Object.keys(scopeOfTopic), "run:<id>"];

/** Undefined: there is no such topic. */
export function scopeOf(topic: string): Scope | undefined {
  if (oneRun.test(topic)) return "runs:read";
  return Object.hasOwn(scopeOfTopic, topic)
    ? scopeOfTopic[topic as keyof typeof scopeOfTopic]
    : undefined;
}
