import type { HistoryView, StepView } from "../../../../server/purchases/whole/wire.ts";
import { classNames } from "../../ui/class-names.ts";
import { Time } from "../../ui/Figures.tsx";
import { formatMoment, formatMoney, formatTime } from "../../ui/format.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { reasonWords } from "./words.ts";

const icons: Readonly<Record<StepView["kind"], IconName>> = {
  commit: "check",
  hold: "pause",
  capture: "check",
  extend: "plus",
  release: "stop",
  expire: "stop",
  refund: "refresh",
};

/** What happened to it, the first first. */
export function History({ steps }: { readonly steps: HistoryView["data"] }) {
  return (
    <Panel title="Timeline">
      <ol className="flex flex-col">
        {steps.map((step, at) => (
          <li key={step.id} className="relative flex gap-3 pb-4 last:pb-0">
            {at < steps.length - 1 && (
              <span
                aria-hidden="true"
                className="absolute start-[11px] top-6 bottom-0 w-px bg-line"
              />
            )}
            <span
              className={classNames(
                "grid size-6 shrink-0 place-items-center rounded-full border",
                step.granted ? "bg-sunk" : "border-bad/50 bg-bad/8 text-bad",
              )}
            >
              <Icon name={step.granted ? icons[step.kind] : "cross"} size={12} />
            </span>
            <div className="flex min-w-0 flex-1 flex-col pt-0.5">
              <p className="font-medium">{wordsOf(step)}</p>
              <p className="text-sm text-mute">
                <Time at={step.at} /> ·{" "}
                <span className="whitespace-nowrap">{formatTime(step.at)}</span>
              </p>
              {step.idempotencyKey !== null && (
                <p className="min-w-0 truncate text-sm text-mute" title={step.idempotencyKey}>
                  Key <code className="font-mono text-xs">{step.idempotencyKey}</code>
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const nouns = {
  commit: "Purchase",
  hold: "Hold",
  capture: "Capture",
  extend: "Extension",
  release: "Release",
  refund: "Refund",
  expire: "End",
} as const;

const purchaseReasons: Readonly<Record<string, string>> = {
  HOLD_EXPIRED: "the hold had ended",
  RELEASED: "the hold was given back before",
  CAPTURED: "the hold was captured before",
  NOT_SETTLED: "nothing was paid",
  OVER_REFUND: "more than what is left of what was paid",
  OVER_RETURN: "more units than are left to return",
};

function wordsOf({ kind, answer, amountMinor, currency }: StepView): string {
  const sum =
    amountMinor === null || currency === null ? "" : ` ${formatMoney(amountMinor, currency)}`;
  if (answer?.outcome === "DECLINED") {
    const { reason } = answer;
    const why =
      purchaseReasons[reason] ??
      reasonWords(reason, "period" in answer ? answer.period : undefined).toLowerCase();
    return `${nouns[kind]} refused: ${why}`;
  }
  switch (kind) {
    case "commit":
      return `Bought for${sum}`;
    case "hold":
      return `Held${sum}${untilOf(answer)}`;
    case "capture":
      return `Captured${sum}`;
    case "extend":
      return `Extended${untilOf(answer)}`;
    case "release":
      return `Released${sum}`;
    case "refund":
      return `Refunded${sum}`;
    case "expire":
      return `Ran out: gave${sum} back`;
  }
}

function untilOf(answer: StepView["answer"]): string {
  if (!answer || !("expiresAt" in answer)) return "";
  return ` until ${formatMoment(answer.expiresAt, Date.now())}`;
}
