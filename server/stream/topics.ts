import type { Scope } from "../auth/scopes.ts";

/** What one may listen to, and the scope that it takes. */
const scopeOfTopic = {
  purchases: "purchases:read",
  items: "items:read",
  mandates: "mandates:read",
} as const satisfies Readonly<Record<string, Scope>>;

export const topicNames = Object.keys(scopeOfTopic);

/** Undefined: there is no such topic. */
export function scopeOf(topic: string): Scope | undefined {
  return Object.hasOwn(scopeOfTopic, topic)
    ? scopeOfTopic[topic as keyof typeof scopeOfTopic]
    : undefined;
}
