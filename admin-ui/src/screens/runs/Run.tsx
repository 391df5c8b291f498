import { getRouteApi, Link } from "@tanstack/react-router";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { RunView } from "../../../../server/runs/wire.ts";
import { get } from "../../api/client.ts";
import { liveStream } from "../../live/stream.ts";
import { useLiveQueries, useLiveState } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { CopyButton, copyText } from "../../ui/CopyButton.tsx";
import { Time, useNow } from "../../ui/Figures.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Page } from "../../ui/Page.tsx";
import { ErrorState, Skeleton } from "../../ui/States.tsx";
import { Arrivals } from "./Arrivals.tsx";
import { searchOfFaults } from "./FaultFields.tsx";
import { Faults, World } from "./Faults.tsx";
import { Finish } from "./Finish.tsx";
import { Happened } from "./Happened.tsx";
import { HowFar } from "./HowFar.tsx";
import { LatencyPicture } from "./LatencyPicture.tsx";
import { checkedOf, Promises, type Checked } from "./Promises.tsx";
import { Stops } from "./Stops.tsx";
import { Regions, Tally } from "./Tally.tsx";
import { UnitWall } from "./UnitWall.tsx";
import { useFrame, type Stamped } from "./use-frame.ts";
import { useSummary } from "./use-summary.ts";
import { StateBadge } from "./Verdict.tsx";
import { promises } from "../promises.ts";
import { curlOfRun, isOver, replaySearch, seenOf, sizeOf, whole } from "./words.ts";

const route = getRouteApi("/signed-in/runs/$id");

export function Run() {
  const { id } = route.useParams();
  const run = useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) => get<RunView>(`/v1/runs/${encodeURIComponent(id)}`, { signal }),
  });
  useLiveQueries(["runs"], [["run", id]]);
  if (run.isSuccess) return <Shown key={id} run={run.data} readAt={run.dataUpdatedAt} />;
  return (
    <Page title="Run">
      {run.isError ? (
        <ErrorState error={run.error} onRetry={() => void run.refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Loading() {
  return (
    <div role="status" className="flex flex-col gap-4">
      <span className="sr-only">Loading</span>
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {promises.map(({ name }) => (
          <Skeleton key={name} className="h-24" />
        ))}
      </div>
      <Skeleton className="h-96" />
    </div>
  );
}

/** The newer of what was read and what was heard. */
function newest(run: RunView, readAt: number, live: Stamped | undefined): Stamped | undefined {
  if (!run.frame) return live;
  if (live && live.frame.elapsedMs >= run.frame.elapsedMs) return live;
  return { frame: run.frame, at: performance.now() - (Date.now() - readAt) };
}

function Shown({ run, readAt }: { readonly run: RunView; readonly readAt: number }) {
  const queries = useQueryClient();
  const live = useFrame(run.id);
  useNow();
  const stamped = newest(run, readAt, live);
  const frame = stamped?.frame;
  const seen = frame && seenOf(run, frame);
  const checked = stamped && checkedOf(run, stamped);
  const over = isOver(run);
  usePageTitle(titleOf(run, checked));
  useSummary(run, seen);
  return (
    <Page title={sizeOf(run)} about={<About run={run} />} actions={<Actions run={run} />}>
      <Facts run={run} elapsedMs={frame?.elapsedMs} />
      {over ? (
        <Finish run={run} frame={frame ?? null} />
      ) : (
        <HowFar
          run={run}
          frame={frame ?? null}
          onChanged={(changed) => queries.setQueryData(["run", run.id], changed)}
        />
      )}
      <Promises checked={checked} />
      {frame && seen && (
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(300px,420px)_minmax(0,1fr)]">
          <div className="grid gap-4">
            <UnitWall
              units={run.units}
              cells={frame.unitCells}
              sold={seen.sold}
              buyers={frame.buyers}
            />
            <Tally seen={seen} />
            <Faults run={run} />
            <World run={run} />
          </div>
          <div className="grid min-w-0 gap-4">
            <Stops seen={seen} agents={run.agents} />
            <Arrivals agents={run.agents} frame={frame} />
            <LatencyPicture latency={frame.latency} seen={seen} isOver={over} />
            <Regions regions={frame.regions} />
            <Happened log={frame.log} units={run.units} />
          </div>
        </div>
      )}
    </Page>
  );
}

function titleOf(run: RunView, checked: Checked | undefined): string {
  const wrong = promises.find(({ name }) => checked !== undefined && checked.zeros[name] > 0);
  if (!wrong) return sizeOf(run);
  return `✕ ${wrong.label}: ${whole(checked?.zeros[wrong.name] ?? 0)}`;
}

function About({ run }: { readonly run: RunView }) {
  return (
    <>
      <StateBadge run={run} />
      <CopyButton text={run.id} label="Copy the id of this run" />
    </>
  );
}

function Facts({
  run,
  elapsedMs,
}: {
  readonly run: RunView;
  readonly elapsedMs: number | undefined;
}) {
  const { startedAt, endedAt } = run;
  const isOver = startedAt !== null && endedAt !== null;
  // As the list of runs has it, with its world and the proof.
  const tookMs = isOver ? Date.parse(endedAt) - Date.parse(startedAt) : elapsedMs;
  return (
    <p className="-mt-3 flex flex-wrap items-center gap-x-4 gap-y-1 text-mute tabular-nums">
      <Link to="/runs" className="underline">
        All runs
      </Link>
      <span>
        Seed <span className="text-ink">{run.seed}</span>
      </span>
      {tookMs !== undefined && (
        <span>
          {endedAt === null ? "Elapsed" : "Took in all"}{" "}
          <span className="text-ink">{formatDuration(Math.round(tookMs / 100) * 100)}</span>
        </span>
      )}
      <span>{run.duplicatePercent} % ask twice</span>
      <span>{whole(run.concurrency)} at a time</span>
      <span>
        Started <Time at={run.createdAt} />
        {run.startedBy !== null && <> by {run.startedBy}</>}
      </span>
    </p>
  );
}

function Actions({ run }: { readonly run: RunView }) {
  const isPaused = useLiveState() === "paused";
  const toggle = (): void => liveStream.setPaused(!isPaused);
  const pauseWords = isPaused ? "Resume updates" : "Pause updates";
  usePaletteActions([
    { label: pauseWords, icon: isPaused ? "play" : "pause", run: toggle },
    { label: "Copy link", icon: "copy", run: () => void copyText(location.href) },
    { label: "Copy as curl", icon: "copy", run: () => void copyText(curlOfRun(run)) },
  ]);
  return (
    <>
      {!isOver(run) && (
        <Button icon={isPaused ? "play" : "pause"} onClick={toggle}>
          {pauseWords}
        </Button>
      )}
      <CopyButton text={location.href} words="Copy link" look="plain" size="normal" />
      <CopyButton text={curlOfRun(run)} words="Copy as curl" look="plain" size="normal" />
      <Link
        to="/runs"
        search={{ ...replaySearch(run), ...searchOfFaults(run.faults) }}
        className={buttonClass()}
      >
        <Icon name="refresh" />
        Replay from the seed
      </Link>
    </>
  );
}
