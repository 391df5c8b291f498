import type { RunLine } from "../../../../server/runs/wire.ts";
import { Badge, type Tone } from "../../ui/Badge.tsx";
import type { IconName } from "../../ui/Icon.tsx";
import { promises } from "../promises.ts";
import { whole, wrongIn } from "./words.ts";

const states: Readonly<Record<RunLine["state"], { word: string; tone: Tone; icon: IconName }>> = {
  queued: { word: "Waits", tone: "neutral", icon: "pause" },
  running: { word: "Running", tone: "accent", icon: "play" },
  finished: { word: "Finished", tone: "neutral", icon: "check" },
  stopped: { word: "Stopped", tone: "warn", icon: "stop" },
  failed: { word: "Failed", tone: "bad", icon: "cross" },
  interrupted: { word: "Interrupted", tone: "warn", icon: "alert" },
};

export function StateBadge({
  run,
  isShort = false,
}: {
  readonly run: Pick<RunLine, "state" | "isStopping">;
  /** On a phone only its sign can be seen. */
  readonly isShort?: boolean;
}) {
  const { word, tone, icon } = states[run.state];
  return (
    <Badge tone={tone} icon={icon}>
      <span className={isShort ? "max-md:sr-only" : ""}>{run.isStopping ? "Stopping" : word}</span>
    </Badge>
  );
}

/** The four numbers of the proof, which are zeros; while there is none, how the run stands. */
export function Verdict({ run }: { readonly run: RunLine }) {
  const { report } = run;
  if (!report) return <StateBadge run={run} />;
  const { invariants } = report;
  const isRight = report.ok && wrongIn(invariants) === 0;
  const says = promises.map(({ name, label }) => `${label} ${whole(invariants[name])}`).join(", ");
  return (
    <>
      <Badge tone={isRight ? "ok" : "bad"} icon={isRight ? "check" : "cross"}>
        <span aria-hidden="true" title={says} className="font-mono">
          {promises.map(({ name }) => whole(invariants[name])).join(" ")}
        </span>
        <span className="sr-only">
          {isRight ? "All as it must be" : "Not as it must be"}: {says}
        </span>
      </Badge>
      {run.state !== "finished" && <StateBadge run={run} isShort />}
    </>
  );
}
