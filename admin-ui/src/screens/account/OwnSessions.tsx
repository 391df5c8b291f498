import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SessionEntryView } from "../../../../server/sessions/wire.ts";
import { del, get } from "../../api/client.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Time } from "../../ui/Figures.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Panel } from "../../ui/Page.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { browserOf } from "./browser-of.ts";

type End = SessionEntryView | "others";

export function OwnSessions() {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => get<{ data: readonly SessionEntryView[] }>("/v1/sessions", { signal }),
    refetchInterval: 10_000,
  });
  const [ending, setEnding] = useState<End>();
  const [done, setDone] = useState<string>();
  const { data, error } = query;
  const others = data?.data.filter(({ isThis }) => !isThis).length ?? 0;
  const end = async (what: End): Promise<void> => {
    const path = what === "others" ? "/v1/sessions" : `/v1/sessions/${what.id}`;
    const { ended } = await del<{ ended: number }>(path);
    setDone(ended === 1 ? "1 session has ended." : `${ended} sessions have ended.`);
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  return (
    <Panel
      title="Where you are signed in"
      flush
      actions={
        <Button
          size="small"
          disabledReason={others === 0 ? "This is your only session." : undefined}
          onClick={() => setEnding("others")}
        >
          End all others
        </Button>
      }
    >
      {done !== undefined && (
        <div className="px-4 pb-3">
          <Notice onClose={() => setDone(undefined)}>{done}</Notice>
        </div>
      )}
      {!data && error && <ErrorState error={error} onRetry={() => void query.refetch()} />}
      {!data && !error && <SkeletonRows rows={2} bare />}
      {data && (
        <Table
          bare
          label="Your sessions"
          columns={columnsOf(setEnding)}
          rows={data.data}
          rowKey={({ id }) => id}
        />
      )}
      {ending !== undefined && (
        <EndDialog
          ending={ending}
          others={others}
          onEnd={end}
          onClose={() => setEnding(undefined)}
        />
      )}
    </Panel>
  );
}

function EndDialog({
  ending,
  others,
  onEnd,
  onClose,
}: {
  readonly ending: End;
  readonly others: number;
  readonly onEnd: (what: End) => Promise<void>;
  readonly onClose: () => void;
}) {
  const isMany = ending === "others";
  return (
    <ConfirmDialog
      open
      title={
        isMany ? "End all other sessions?" : `End the session of ${browserOf(ending.userAgent)}?`
      }
      action={isMany ? "End them" : "End it"}
      danger
      onConfirm={() => onEnd(ending)}
      onClose={onClose}
    >
      <p>
        {isMany
          ? `${others === 1 ? "The other one ends" : `All ${others} end`} within a second; you stay signed in here.`
          : `Whoever uses it, from ${ending.ip}, has to sign in again within a second.`}
      </p>
    </ConfirmDialog>
  );
}

function columnsOf(
  onEnd: (session: SessionEntryView) => void,
): readonly Column<SessionEntryView>[] {
  return [
    {
      id: "browser",
      header: "Browser",
      width: "minmax(0, 2fr)",
      cell: ({ userAgent, isThis }) => (
        <span className="flex min-w-0 items-center gap-2" title={userAgent}>
          <span className="truncate">{browserOf(userAgent)}</span>
          {isThis && <Badge tone="accent">this one</Badge>}
        </span>
      ),
    },
    {
      id: "ip",
      header: "From",
      width: "minmax(0, 1fr)",
      wideOnly: true,
      cell: ({ ip }) => <code className="truncate font-mono text-xs">{ip}</code>,
    },
    {
      id: "began",
      header: "Began",
      width: "minmax(92px, 1fr)",
      wideOnly: true,
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
    {
      id: "seen",
      header: "Last used",
      width: "minmax(92px, 1fr)",
      cell: ({ lastSeenAt }) => <Time at={lastSeenAt} />,
    },
    {
      id: "end",
      header: "End it",
      hideHeader: true,
      width: "56px",
      align: "end",
      cell: (session) =>
        session.isThis ? null : (
          <Button
            size="small"
            aria-label={`End the session of ${browserOf(session.userAgent)}`}
            onClick={() => onEnd(session)}
          >
            End
          </Button>
        ),
    },
  ];
}
