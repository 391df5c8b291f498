import type { WholeItemView } from "../../../../server/items/wire.ts";
import type { WholeMandateView } from "../../../../server/mandates/wire.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { formatDuration, formatMoney, formatNumber } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { indented } from "./AnswerPanel.tsx";
import { answerOf, problemOf, quoteOf, type Sent } from "./asking.ts";
import type { Preset, Step } from "./script.ts";
import { curlOf } from "./snippets.ts";
import { useScript, type Made } from "./use-script.ts";
import { verdictOf } from "./verdict.ts";

export function PresetPanel({
  preset,
  reason,
  onSent,
  onClose,
}: {
  readonly preset: Preset;
  readonly reason: string | undefined;
  readonly onSent: (sent: Sent) => void;
  readonly onClose: () => void;
}) {
  const script = useScript(preset, onSent);
  const { made, isBusy, isOver, error } = script;
  const hasBegun = made.length > 0 && !isOver && error === undefined;
  return (
    <Panel
      title={preset.title}
      actions={
        <IconButton label="Close the scenario" icon="close" size="small" onClick={onClose} />
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-mute">{preset.learn}</p>
        <div className="flex flex-wrap gap-2">
          <Button
            look={isOver ? "plain" : "primary"}
            icon={isOver ? "refresh" : "play"}
            busy={isBusy}
            disabledReason={reason}
            onClick={script.run}
          >
            {isOver ? "Run again" : hasBegun ? "Run the rest" : "Run"}
          </Button>
          {!isOver && (
            <Button icon="right" busy={isBusy} disabledReason={reason} onClick={script.step}>
              {hasBegun ? "Next step" : "Step by step"}
            </Button>
          )}
        </div>
        {error !== undefined && <ProblemNote error={error} />}
        <ol className="flex flex-col" aria-label="Steps">
          {preset.steps.map((step, at) => (
            <StepLine
              key={step.title}
              step={step}
              at={at}
              made={made[at]}
              isNow={isBusy && at === made.length - 1}
            />
          ))}
        </ol>
      </div>
    </Panel>
  );
}

function StepLine({
  step,
  at,
  made,
  isNow,
}: {
  readonly step: Step;
  readonly at: number;
  readonly made: readonly Made[] | undefined;
  readonly isNow: boolean;
}) {
  const isDone = made !== undefined && !isNow;
  return (
    <li
      className="grid grid-cols-[20px_minmax(0,1fr)] gap-x-2.5 border-t py-2.5 first:border-t-0 first:pt-0"
      data-step={isDone ? "done" : isNow ? "now" : "to-do"}
    >
      <span
        className={classNames(
          "grid size-5 place-items-center rounded-full border text-xs font-medium",
          isDone && "border-ok/50 bg-ok/12 text-ok",
          isNow && "border-accent text-accent",
          made === undefined && "text-mute",
        )}
      >
        {isDone ? <Icon name="check" size={12} /> : at + 1}
      </span>
      <div className="flex min-w-0 flex-col gap-1.5">
        <h3 className={classNames("font-medium", made === undefined && "text-mute")}>
          {step.title}
          {isNow && <span className="font-normal text-mute"> … at work</span>}
        </h3>
        {made && <p className="text-sm text-mute">{step.see}</p>}
        {made && made.length > 0 && (
          <ul className="flex flex-col gap-1">
            {made.map((one) => (
              <li key={`${one.call.label} ${one.call.idempotencyKey ?? ""}`}>
                {one.call.isOfBooks ? <Book made={one} /> : <CallLine made={one} />}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

/** One call: what it was answered in a line, all of it when opened. */
function CallLine({ made: { call, answer, times = 1 } }: { readonly made: Made }) {
  return (
    <details data-call={call.label} className="group min-w-0 rounded-md border bg-bg">
      <summary className="flex min-h-7 list-none flex-wrap items-center gap-x-2 gap-y-0.5 px-2 py-1 text-sm">
        <span className="text-mute transition-transform duration-150 group-open:rotate-90">
          <Icon name="right" size={12} />
        </span>
        <span className="min-w-0 font-medium">{call.label}</span>
        <span data-outcome className="flex gap-1">
          {answer ? <Outcome made={{ call, answer }} /> : "…"}
        </span>
        {answer && (
          <span className="ms-auto text-xs text-mute tabular-nums">
            {times > 1 && `${times} times · `}
            {formatDuration(answer.ms)}
          </span>
        )}
      </summary>
      <div className="flex flex-col gap-2 border-t p-2">
        <CodeBlock code={curlOf(call, location.origin)} label={`curl of ${call.label}`} />
        {answer && <CodeBlock code={indented(answer.text)} label={`the answer to ${call.label}`} />}
      </div>
    </details>
  );
}

function Outcome({ made: { call, answer } }: { readonly made: Required<Omit<Made, "times">> }) {
  const told = answerOf(answer);
  const problem = problemOf(answer);
  if (problem) return <Badge tone="bad">{`${answer.status} ${problem.code}`}</Badge>;
  if (call.path.endsWith("/quote")) {
    return <Badge tone="accent">{quoteOf(answer)?.outcome ?? ""}</Badge>;
  }
  if (told?.outcome === undefined) return <Badge>{answer.status === 201 ? "Made" : "Read"}</Badge>;
  const { tone, title } = verdictOf(answer, told.currency ?? "USD");
  return (
    <>
      <Badge tone={tone} icon={tone === "ok" ? "check" : "cross"}>
        {title}
      </Badge>
      {told.replayed === true && (
        <Badge tone="accent" icon="refresh">
          Replayed
        </Badge>
      )}
    </>
  );
}

/** An item's units or a mandate's money, as the server has them now. */
function Book({ made: { call, answer } }: { readonly made: Made }) {
  if (!answer || answer.status >= 300)
    return <CallLine made={{ call, ...(answer && { answer }) }} />;
  const view = JSON.parse(answer.text) as WholeItemView | WholeMandateView;
  const figures: readonly (readonly [string, string])[] =
    "stock" in view
      ? (["sold", "held", "free", "stocked"] as const).map((name) => [
          name,
          formatNumber(view.stock[name]),
        ])
      : [
          ["used", formatMoney(view.capMinor - view.left.capMinor, view.currency)],
          ["left", formatMoney(view.left.capMinor, view.currency)],
          ["cap", formatMoney(view.capMinor, view.currency)],
        ];
  return (
    <div
      data-book={call.label}
      className="flex flex-col rounded-md border bg-bg px-2.5 py-1.5 text-sm"
    >
      <span className="font-medium">{call.label}</span>
      <dl className="flex flex-wrap gap-x-3">
        {figures.map(([name, value]) => (
          <div key={name} className="flex gap-1">
            <dt className="text-mute">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
