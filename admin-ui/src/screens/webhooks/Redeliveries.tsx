import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RedeliveryView } from "../../../../server/webhooks/redeliveries/wire.ts";
import { get, post } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import type { PageOf } from "../../api/use-pages.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Num, Time } from "../../ui/Figures.tsx";
import { formatDuration, formatMoment, formatNumber } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { Progress } from "../../ui/Progress.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { ErrorState, PanelSkeleton } from "../../ui/States.tsx";

const looks = {
  running: { tone: "accent", icon: "play", word: "At work" },
  done: { tone: "ok", icon: "check", word: "Done" },
  stopped: { tone: "neutral", icon: "stop", word: "Stopped" },
} as const;

const columns: readonly SmallColumn<RedeliveryView>[] = [
  {
    id: "begun",
    header: "Asked for",
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: "what",
    header: "What",
    cell: ({ since, delivered }) =>
      `${delivered ? "everything" : "failed and skipped"} since ${formatMoment(since, Date.now())}`,
  },
  {
    id: "state",
    header: "State",
    cell: ({ state }) => (
      <Badge tone={looks[state].tone} icon={looks[state].icon}>
        {looks[state].word}
      </Badge>
    ),
  },
  {
    id: "seen",
    header: "Looked at",
    align: "end",
    cell: ({ seen, total }) => `${formatNumber(seen)} of ${formatNumber(total)}`,
  },
  {
    id: "due",
    header: "Due again",
    align: "end",
    cell: ({ redelivered }) => <Num value={redelivered} />,
  },
];

/** The last ones of a webhook. One at work is read again each second: whoever hears no news sees it too. */
export function useRedeliveries(webhookId: string) {
  return useQuery({
    queryKey: ["webhooks", webhookId, "redeliveries"],
    queryFn: ({ signal }) =>
      get<PageOf<RedeliveryView>>(`/v1/webhooks/${webhookId}/redeliveries`, {
        query: { limit: 20 },
        signal,
      }),
    refetchInterval: ({ state: { data } }) =>
      data?.data.some(({ state }) => state === "running") === true ? 1_000 : false,
  });
}

type Listed = ReturnType<typeof useRedeliveries>;

/** What is at work, above everything: it can be left alone, and found again here. */
export function RunningRedeliveries({ list }: { readonly list: Listed }) {
  const running = list.data?.data.filter(({ state }) => state === "running") ?? [];
  return (
    <>
      {running.map((one) => (
        <Running key={one.id} redelivery={one} />
      ))}
    </>
  );
}

function Running({ redelivery }: { readonly redelivery: RedeliveryView }) {
  const { id, seen, total, redelivered, secondsLeft } = redelivery;
  const reason = useReasonAgainst("webhooks:write");
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const stop = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await post(`/v1/webhook-redeliveries/${id}/stop`, {});
      await client.invalidateQueries({ queryKey: ["webhooks"] });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const left = secondsLeft === null ? "" : ` · ${formatDuration(secondsLeft * 1000)} left`;
  return (
    <Panel>
      <div className="flex flex-wrap items-end gap-4">
        <div className="min-w-60 flex-1">
          <Progress
            label={`Redelivering what happened since ${formatMoment(redelivery.since, Date.now())}`}
            value={seen}
            max={Math.max(1, total)}
            note={`${formatNumber(seen)} of ${formatNumber(total)} looked at, ${formatNumber(redelivered)} due again${left}`}
          />
        </div>
        <Button icon="stop" busy={isBusy} disabledReason={reason} onClick={() => void stop()}>
          Stop
        </Button>
      </div>
      {error !== undefined && <ProblemNote error={error} />}
    </Panel>
  );
}

export function Redeliveries({ list }: { readonly list: Listed }) {
  const { data, error, refetch } = list;
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <Panel title="What was asked to be sent again" flush>
      {!data ? (
        <PanelSkeleton />
      ) : data.data.length === 0 ? (
        <p className="px-4 pt-1 pb-4 text-mute">
          Nothing yet. Redeliver sends all that failed or was skipped since a moment; a worker goes
          on with a long one, and it stands here.
        </p>
      ) : (
        <SmallTable
          label="Redeliveries"
          columns={columns}
          rows={data.data}
          rowKey={({ id }) => id}
        />
      )}
    </Panel>
  );
}
