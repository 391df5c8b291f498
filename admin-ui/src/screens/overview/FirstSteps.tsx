import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { FirstStepsView } from "../../../../server/overview/wire.ts";
import { useMode } from "../../api/mode.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { showFirstSteps } from "../../shell/first-steps.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { note, say } from "../../ui/say.ts";
import { commandOf, hintOf, stepTexts, type StepName } from "./step-texts.ts";

/** Six steps from nothing to a shop that sells. The server ticks them, by what happened. */
export function FirstSteps({ view }: { readonly view: FirstStepsView }) {
  const { steps } = view;
  const done = steps.filter(({ doneAt }) => doneAt !== null).length;
  const next = steps.find(({ step, doneAt }) => doneAt === null && step !== "run")?.step;
  useTicks(view);
  const skip = (): void => {
    showFirstSteps("never");
    note("The first steps are under Help (?) and in the palette.");
  };
  return (
    <Panel
      title="First steps"
      actions={
        <>
          <span className="self-center text-sm text-mute tabular-nums">
            {done} of {steps.length}
          </span>
          <Button look="quiet" size="small" onClick={skip}>
            {done === steps.length ? "Hide" : "Skip"}
          </Button>
        </>
      }
    >
      <ol className="flex flex-col">
        {steps.map(({ step, doneAt }) => (
          <Step
            key={step}
            step={step}
            isDone={doneAt !== null}
            isNext={step === next}
            view={view}
          />
        ))}
      </ol>
    </Panel>
  );
}

function Step({
  step,
  isDone,
  isNext,
  view,
}: {
  readonly step: StepName;
  readonly isDone: boolean;
  readonly isNext: boolean;
  readonly view: FirstStepsView;
}) {
  const { title } = stepTexts[step];
  return (
    <li className="border-t first:border-t-0" data-step={step} data-done={isDone}>
      <details className="group" open={isNext} key={`${isNext}${isDone}`}>
        <summary className="flex min-h-10 list-none items-center gap-2.5 rounded-md">
          <span
            className={classNames(
              "grid size-5 shrink-0 place-items-center rounded-full border",
              isDone ? "border-ok bg-ok/15 text-ok" : "border-mute/60 text-transparent",
            )}
          >
            <Icon name="check" size={12} />
          </span>
          <span className={classNames("flex-1", isNext && "font-medium", isDone && "text-mute")}>
            {title}
            <span className="sr-only">{isDone ? ", done" : ", not done yet"}</span>
          </span>
          <span className="text-mute group-open:rotate-180">
            <Icon name="chevron" size={14} />
          </span>
        </summary>
        <StepBody step={step} view={view} />
      </details>
    </li>
  );
}

function StepBody({ step, view }: { readonly step: StepName; readonly view: FirstStepsView }) {
  const { says } = stepTexts[step];
  const command = commandOf(step, view);
  const hint = hintOf(step, view);
  return (
    <div className="flex min-w-0 flex-col gap-2.5 ps-7.5 pb-3.5">
      <p className="text-mute">{says}</p>
      <ToScreen step={step} />
      {hint !== undefined && <p className="text-sm text-mute">{hint}</p>}
      {command !== undefined && (
        <>
          <CodeBlock code={command} label={`curl: ${stepTexts[step].title}`} />
          <KeyHint />
        </>
      )}
    </div>
  );
}

function KeyHint() {
  const mode = useMode();
  return (
    <p className="text-xs text-mute">
      In a shell that knows your key:{" "}
      <code className="font-mono">export ZERORACE_API_KEY=zr_{mode}_…</code>
    </p>
  );
}

/** A screen that is not there yet is not linked. */
function ToScreen({ step }: { readonly step: StepName }) {
  const { screen, search, action, needs } = stepTexts[step];
  const known = useRouter().routesByPath as unknown as Readonly<Record<string, unknown>>;
  const reason = useReasonAgainst(needs);
  if (known[screen] === undefined && screen !== "/runs") return null;
  if (reason !== undefined) {
    return (
      <div>
        <Button size="small" disabledReason={reason}>
          {action}
        </Button>
      </div>
    );
  }
  return (
    <Link
      to={screen as "/"}
      search={search as never}
      className={`${buttonClass("plain", "small")} self-start`}
    >
      {action}
    </Link>
  );
}

/** Ticked while somebody looks: said, because it happened elsewhere. */
function useTicks({ steps }: FirstStepsView): void {
  const before = useRef<ReadonlySet<StepName>>(undefined);
  useEffect(() => {
    const now = new Set(steps.filter(({ doneAt }) => doneAt !== null).map(({ step }) => step));
    const fresh = before.current && [...now].filter((step) => !before.current?.has(step));
    if (fresh && fresh.length > 0) {
      say(`Done: ${fresh.map((step) => stepTexts[step].title).join(", ")}.`);
    }
    before.current = now;
  }, [steps]);
}
