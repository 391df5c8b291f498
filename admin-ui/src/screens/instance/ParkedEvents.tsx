import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ParkedView } from "../../../../server/instance/wire.ts";
import { get, post } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Time } from "../../ui/Figures.tsx";
import { formatNumber } from "../../ui/format.ts";
import { IdText } from "../../ui/IdText.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Panel } from "../../ui/Page.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/States.tsx";

type Parked = ParkedView["data"][number];

/** What could not be told, and why; told again when it is mended. */
export function ParkedEvents() {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Parked | "all">();
  const [done, setDone] = useState<string>();
  const { data, error, refetch } = useQuery({
    queryKey: ["instance", "parked"],
    queryFn: ({ signal }) => get<ParkedView>("/v1/instance/parked-events", { signal }),
    refetchInterval: 5_000,
  });
  if (!data && error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={3} />;
  const replay = async (what: Parked | "all"): Promise<void> => {
    const body = what === "all" ? {} : { eventId: what.id };
    const { replayed } = await post<{ replayed: number }>(
      "/v1/instance/parked-events/replay",
      body,
    );
    setDone(saidOf(replayed));
    await queries.invalidateQueries({ queryKey: ["instance"] });
  };
  return (
    <div className="flex flex-col gap-4">
      {done !== undefined && <Notice onClose={() => setDone(undefined)}>{done}</Notice>}
      {data.total === 0 ? <None /> : <List parked={data} onReplay={setChosen} />}
      {chosen !== undefined && (
        <Ask
          chosen={chosen}
          total={data.total}
          onConfirm={() => replay(chosen)}
          onClose={() => setChosen(undefined)}
        />
      )}
    </div>
  );
}

function saidOf(replayed: number): string {
  if (replayed === 0) return "Somebody had it told again before.";
  const many = replayed === 1 ? "1 event stands" : `${formatNumber(replayed)} events stand`;
  return `${many} in the outbox again. One that cannot be told comes back, with its reason.`;
}

function None() {
  return (
    <EmptyState icon="check" title="No parked events" curl="npm run -s zerorace -- parked list">
      An event that could not be told in eight tries would be here, with the reason.
    </EmptyState>
  );
}

function List({
  parked: { data, total },
  onReplay,
}: {
  readonly parked: ParkedView;
  readonly onReplay: (what: Parked | "all") => void;
}) {
  const reason = useReasonAgainst("instance:write");
  const title =
    total === 1 ? "1 event could not be told" : `${formatNumber(total)} could not be told`;
  return (
    <Panel
      title={title}
      flush
      actions={
        <Button size="small" icon="refresh" disabledReason={reason} onClick={() => onReplay("all")}>
          Tell all again
        </Button>
      }
    >
      <ul className="border-t">
        {data.map((one) => (
          <li
            key={one.id}
            className="grid gap-x-4 gap-y-1 border-b px-4 py-2.5 last:border-b-0 sm:grid-cols-[minmax(0,1fr)_max-content]"
          >
            <div className="flex min-w-0 flex-col gap-0.5">
              <p className="font-medium wrap-anywhere">{one.reason}</p>
              <p className="text-sm text-mute">
                <code className="font-mono text-xs">{one.kind}</code>, happened{" "}
                <Time at={one.createdAt} />, parked <Time at={one.parkedAt} />
              </p>
              <div className="flex flex-wrap gap-x-4 text-sm text-mute">
                <span className="flex items-center gap-1">
                  Subject <IdText id={one.subjectId} label="Copy the subject's id" />
                </span>
                <span className="flex items-center gap-1">
                  Tenant <IdText id={one.tenantId} label="Copy the tenant's id" />
                </span>
              </div>
            </div>
            <Button
              size="small"
              className="self-start justify-self-start"
              disabledReason={reason}
              aria-label={`Tell again: ${one.kind} of ${one.subjectId}`}
              onClick={() => onReplay(one)}
            >
              Tell again
            </Button>
          </li>
        ))}
      </ul>
      {total > data.length && (
        <p className="border-t px-4 py-2 text-sm text-mute">
          The {data.length} that were parked first, of {formatNumber(total)}.
        </p>
      )}
    </Panel>
  );
}

function Ask({
  chosen,
  total,
  onConfirm,
  onClose,
}: {
  readonly chosen: Parked | "all";
  readonly total: number;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const isAll = chosen === "all";
  const title = isAll ? `Tell all ${formatNumber(total)} again?` : `Tell ${chosen.kind} again?`;
  return (
    <ConfirmDialog open title={title} action="Tell again" onConfirm={onConfirm} onClose={onClose}>
      <p>
        {isAll ? "They go" : "It goes"} back into the outbox, as if it had just happened: copies are
        written, sums are added up and webhooks hear of it, each once. Mend the reason first, or it
        is parked again.
      </p>
    </ConfirmDialog>
  );
}
