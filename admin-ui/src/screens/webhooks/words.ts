import type { DeliveryView, EndpointView } from "../../../../server/webhooks/wire.ts";
import type { Tone } from "../../ui/Badge.tsx";
import { formatDuration, formatNumber, formatSpan } from "../../ui/format.ts";
import type { IconName } from "../../ui/Icon.tsx";

/** The words of webhooks and of what they are told. */

export type Standing = EndpointView["recent"][number];

interface Look {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly word: string;
}

export const looks: Readonly<Record<Standing, Look>> = {
  delivered: { tone: "ok", icon: "check", word: "Delivered" },
  pending: { tone: "accent", icon: "play", word: "Due" },
  retrying: { tone: "warn", icon: "refresh", word: "Retrying" },
  failed: { tone: "bad", icon: "cross", word: "Failed" },
  skipped: { tone: "neutral", icon: "stop", word: "Skipped" },
};

/** As the list has it: one that is due again after a failure is being retried. */
export function standingOf({ state, lastStatus, lastFault }: DeliveryView): Standing {
  const wasTried = lastStatus !== null || lastFault !== null;
  return state === "pending" && wasTried && !isSuccess(lastStatus) ? "retrying" : state;
}

export function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** "shop.example.com/hooks": what tells one from the others. */
export function placeOf(url: string): string {
  const at = URL.parse(url);
  return at ? `${at.host}${at.pathname === "/" ? "" : at.pathname}${at.search}` : url;
}

export function eventsOf({ events }: Pick<EndpointView, "events">): string {
  if (events === null) return "all kinds";
  return events.length === 1 ? (events[0] ?? "") : `${formatNumber(events.length)} kinds`;
}

/** "28 delivered, 1 retrying". */
export function inShort(recent: readonly Standing[]): string {
  const words = Object.keys(looks) as Standing[];
  const counted = words.map(
    (one) => [one, recent.filter((other) => other === one).length] as const,
  );
  const given = counted.filter(([, count]) => count > 0);
  return given.map(([one, count]) => `${formatNumber(count)} ${one}`).join(", ");
}

/** What came of it, or will, in one sentence. */
export function verdictOf(delivery: DeliveryView, now: number): string {
  const { attempts, lastStatus, lastFault, lastMs, nextAttemptAt } = delivery;
  const took = lastMs === null ? "" : ` after ${formatDuration(lastMs)}`;
  const last = lastStatus === null ? (lastFault ?? "no answer yet") : `${lastStatus}${took}`;
  const tries = attempts === 1 ? "1 attempt" : `${formatNumber(attempts)} attempts`;
  const inMs = nextAttemptAt === null ? 0 : new Date(nextAttemptAt).getTime() - now;
  const next = inMs > 1_000 ? `in ${formatSpan(inMs)}` : "now";
  switch (standingOf(delivery)) {
    case "delivered":
      return attempts === 1
        ? `Delivered: the receiver answered ${last}.`
        : `Delivered with attempt ${formatNumber(attempts)}: the receiver answered ${last}.`;
    case "retrying":
      return `Not delivered yet: ${tries}, the last one got ${last}. The next is due ${next}.`;
    case "pending":
      return `It is due ${next}.`;
    case "failed":
      return `Given up after ${tries}: the last one got ${last}. Mend the receiver, then send it again.`;
    case "skipped":
      return "Skipped: the webhook was disabled when it happened. Send it again if the receiver needs it.";
  }
}
