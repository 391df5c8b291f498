import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import { Icon, type IconName } from "./Icon.tsx";

export type Tone = "neutral" | "ok" | "bad" | "warn" | "accent";

const tones: Readonly<Record<Tone, string>> = {
  neutral: "bg-sunk text-mute",
  ok: "bg-ok/12 text-ok",
  bad: "bg-bad/12 text-bad",
  warn: "bg-warn/14 text-warn",
  accent: "bg-accent/12 text-accent",
};

/** A word about a thing. The colour repeats what the word says. */
export function Badge({
  tone = "neutral",
  icon,
  children,
}: {
  readonly tone?: Tone;
  readonly icon?: IconName;
  readonly children: ReactNode;
}) {
  return (
    <span
      className={classNames(
        "inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap",
        tones[tone],
      )}
    >
      {icon && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

const outcomes: Readonly<Record<string, { tone: Tone; icon: IconName; word: string }>> = {
  COMMITTED: { tone: "ok", icon: "check", word: "Bought" },
  CAPTURED: { tone: "ok", icon: "check", word: "Captured" },
  HELD: { tone: "accent", icon: "pause", word: "Held" },
  RELEASED: { tone: "neutral", icon: "stop", word: "Released" },
  EXPIRED: { tone: "warn", icon: "stop", word: "Expired" },
  REFUNDED: { tone: "warn", icon: "refresh", word: "Refunded" },
  DECLINED: { tone: "bad", icon: "cross", word: "Declined" },
};

/** How an ask ended, or how a purchase stands. What is not known here is shown as the API says it. */
export function OutcomeBadge({ outcome }: { readonly outcome: string }) {
  const known = outcomes[outcome.toUpperCase()];
  if (!known) return <Badge>{outcome}</Badge>;
  return (
    <Badge tone={known.tone} icon={known.icon}>
      {known.word}
    </Badge>
  );
}
