import type { RunFrame, RunView } from "../../../../server/runs/wire.ts";
import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { asProblem } from "../../api/problem.ts";
import { note } from "../../ui/say.ts";
import { saveShareCard } from "./share-card.ts";
import { finishOf, whole } from "./words.ts";

/** The last line: what came of it. */
export function Finish({ run, frame }: { readonly run: RunView; readonly frame: RunFrame | null }) {
  const { report } = run;
  if (!report) return <NoReport run={run} />;
  const words = finishOf(run);
  return (
    <section
      className={classNames(
        "flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border px-4 py-3",
        report.ok ? "border-ok/50 bg-ok/8" : "border-bad bg-bad/8",
      )}
    >
      <div className="min-w-0 flex-1 basis-72">
        <h2
          className={classNames(
            "flex items-center gap-2 text-xl font-semibold tabular-nums",
            report.ok ? "text-ok" : "text-bad",
          )}
        >
          <Icon name={report.ok ? "check" : "cross"} size={20} />
          {words}
        </h2>
        <p className="text-mute">
          {report.stopped && "Stopped before everybody had asked. "}
          {formatDuration(report.seconds * 1_000)} at {whole(report.asksPerSecond)} asks a second;
          proven in {formatDuration(report.proofMs)}.
        </p>
        {report.complaints.map((complaint) => (
          <p key={complaint} className="text-bad first-letter:uppercase">
            {complaint}
          </p>
        ))}
      </div>
      {frame && <ShareCard run={run} frame={frame} />}
    </section>
  );
}

function ShareCard({ run, frame }: { readonly run: RunView; readonly frame: RunFrame }) {
  const [isBusy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    await saveShareCard(run, frame).catch((error: unknown) => note(asProblem(error).message));
    setBusy(false);
  };
  return (
    <Button icon="download" busy={isBusy} onClick={() => void save()}>
      Picture to share
    </Button>
  );
}

const why: Readonly<Partial<Record<RunView["state"], string>>> = {
  stopped: "It was stopped before it began.",
  failed:
    "Its process ended before its time. The server's log says why. Start it again with its seed.",
  interrupted: "The server that did it is gone. Start it again with its seed.",
};

function NoReport({ run }: { readonly run: RunView }) {
  return (
    <section className="flex items-center gap-2 rounded-lg border border-warn/50 bg-warn/8 px-4 py-3">
      <span className="text-warn">
        <Icon name="alert" size={18} />
      </span>
      <p>{why[run.state]} There is no report.</p>
    </section>
  );
}
