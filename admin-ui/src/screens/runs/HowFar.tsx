import { useState } from "react";
import type { RunFrame, RunView } from "../../../../server/runs/wire.ts";
import { post } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { Progress } from "../../ui/Progress.tsx";
import { sizeOf, whole } from "./words.ts";

/** Attempts of all, the rate, how long it will take, and a way to end it. */
export function HowFar({
  run,
  frame,
  onChanged,
}: {
  readonly run: RunView;
  readonly frame: RunFrame | null;
  readonly onChanged: (run: RunView) => void;
}) {
  const [isAsking, setAsking] = useState(false);
  const mayNot = useReasonAgainst("runs:write");
  const reason = mayNot ?? (run.isStopping ? "It is being stopped." : undefined);
  const stop = async (): Promise<void> =>
    onChanged(await post<RunView>(`/v1/runs/${run.id}/stop`, {}));
  return (
    <Panel>
      <div className="flex items-end gap-x-4 gap-y-3 max-sm:flex-col max-sm:items-stretch">
        <div className="min-w-0 flex-1">
          <Progress
            label={labelOf(run, frame)}
            max={run.agents}
            value={frame && frame.phase !== "opening" ? frame.answered : undefined}
            note={frame ? noteOf(run, frame) : " "}
          />
        </div>
        <Button look="danger" icon="stop" disabledReason={reason} onClick={() => setAsking(true)}>
          Stop
        </Button>
      </div>
      <ConfirmDialog
        open={isAsking}
        title="Stop this run?"
        action="Stop the run"
        danger
        onConfirm={stop}
        onClose={() => setAsking(false)}
      >
        <p>
          {sizeOf(run)}: no more agents ask. What was sold until then stays, is proven, and the
          results are kept here.
        </p>
      </ConfirmDialog>
    </Panel>
  );
}

function labelOf(run: RunView, frame: RunFrame | null): string {
  if (run.state === "queued") return "Waits for its turn: runs are done one at a time";
  if (run.isStopping) return "Stopping: the last answers are on their way";
  if (!frame) return "It begins";
  if (frame.phase === "opening") return `Opening a world with ${whole(run.mandates)} mandates`;
  return frame.phase === "proving" ? "Proving the books" : "Attempts";
}

function noteOf({ agents }: RunView, { answered, asksPerSecond, etaMs }: RunFrame): string {
  const parts = [`${whole(answered)} of ${whole(agents)}`];
  if (asksPerSecond > 0) parts.push(`${whole(asksPerSecond)} asks/s`);
  if (etaMs !== null && etaMs > 0)
    parts.push(`${formatDuration(Math.ceil(etaMs / 1e3) * 1e3)} left`);
  return parts.join(" · ");
}
