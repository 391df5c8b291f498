import type { KeyView } from "../../../../server/keys/wire.ts";
import { Badge } from "../../ui/Badge.tsx";

const words = {
  valid: { tone: "ok", icon: "check", word: "Valid" },
  rolled: { tone: "warn", icon: "refresh", word: "Rolled" },
  expired: { tone: "neutral", icon: "stop", word: "Expired" },
  revoked: { tone: "bad", icon: "cross", word: "Revoked" },
} as const;

export function KeyState({ state }: { readonly state: KeyView["state"] }) {
  const { tone, icon, word } = words[state];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}

/** "agents a, b"; undefined for a key that is bound to nobody. */
export function boundsOf({ agentIds, mandateIds }: KeyView): string | undefined {
  const parts = [
    agentIds && plural(agentIds.length, "agent", "agents"),
    mandateIds && plural(mandateIds.length, "mandate", "mandates"),
  ].filter((part) => part !== null);
  return parts.length === 0 ? undefined : parts.join(", ");
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
