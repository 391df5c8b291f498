import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { ImportView } from "../../../../server/imports/wire.ts";
import { get } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useMode } from "../../api/mode.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Num, Time } from "../../ui/Figures.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { Progress } from "../../ui/Progress.tsx";
import { ErrorState, Skeleton } from "../../ui/States.tsx";
import { BadRows } from "./BadRows.tsx";
import { DropFile } from "./DropFile.tsx";
import { Acts } from "./ImportActs.tsx";
import { StateBadge } from "./Imports.tsx";
import { Kept, Result } from "./ImportResult.tsx";
import { Mapping } from "./Mapping.tsx";
import { useSending } from "./send-file.ts";
import { isAtWork, isWhole, paceOf, parentOf, sizeOf } from "./words.ts";

/** While a worker is at it, it is looked at every second: also where no news comes through. */
const lookMs = 1_000;

function useImport(id: string) {
  const mode = useMode();
  return useQuery({
    queryKey: ["import", id, mode],
    queryFn: ({ signal }) => get<ImportView>(`/v1/imports/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data && isAtWork(state.data) ? lookMs : false),
  });
}

export function Import() {
  const { id } = useParams({ from: "/signed-in/imports/$id" });
  const found = useImport(id);
  useLiveQueries(["imports"], [["import", id]], lookMs);
  usePageTitle(found.data?.fileName ?? "Import");
  if (found.data) return <Loaded it={found.data} />;
  return (
    <Page title="Import" back={{ to: "/items/import", label: "Imports" }}>
      {found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Skeleton className="h-56 w-full" />
      )}
    </Page>
  );
}

function Loaded({ it }: { readonly it: ImportView }) {
  const queries = useQueryClient();
  const mode = useMode();
  const reason = useReasonAgainst("imports:write");
  const [isMapping, setMapping] = useState(false);
  const show = (next: ImportView): void => {
    setMapping(false);
    queries.setQueryData(["import", it.id, mode], next);
    // What belongs to the check before is not what belongs to this one.
    queries.removeQueries({ queryKey: ["imports", it.id, "faults"] });
    void queries.invalidateQueries({ queryKey: ["imports", "list"] });
  };
  const { state, rows } = it;
  const isMapped = state === "checked" || state === "rejected";
  const mayMap = (state === "uploading" && isWhole(it)) || (isMapped && isMapping);
  const hasBad = (state === "checked" && rows.bad > 0) || rows.refused > 0;
  return (
    <Page
      title={it.fileName}
      back={{ to: parentOf[it.kind].list, label: `Import ${it.kind}` }}
      about={<StateBadge it={it} />}
      actions={
        <Acts
          it={it}
          reason={reason}
          onDone={show}
          onMap={isMapped && !isMapping ? () => setMapping(true) : undefined}
        />
      }
    >
      {state === "uploading" && !isWhole(it) && <Resume it={it} reason={reason} onSent={show} />}
      {isAtWork(it) && <AtWork it={it} />}
      {!isAtWork(it) && state !== "uploading" && !mayMap && <Result it={it} />}
      {mayMap && <Mapping it={it} reason={reason} onSent={show} />}
      {hasBad && !mayMap && !isAtWork(it) && (
        <BadRows it={it} title={it.startedAt === null ? "Bad rows" : "Rows left out"} />
      )}
      {state === "undone" && rows.kept > 0 && <Kept it={it} />}
      <About it={it} />
    </Page>
  );
}

const phases = {
  checking: "Checking every row; nothing is made",
  importing: "Making the good rows",
  undoing: "Taking back what nobody has used",
} as const;

function AtWork({ it }: { readonly it: ImportView }) {
  const { progress, rows, state } = it;
  if (!progress) return null;
  const { phase, done, total } = progress;
  return (
    <Panel>
      <div className="flex flex-col gap-3" data-phase={phase}>
        <Progress label={phases[phase]} value={done} max={Math.max(1, total)} note={paceOf(it)} />
        <p className="text-sm text-mute">
          {state === "importing" && (
            <>
              <Num value={rows.made} /> made, <Num value={rows.refused} /> left out.{" "}
            </>
          )}
          {state === "checking" && (
            <>
              <Num value={rows.good} /> good, <Num value={rows.bad} /> bad so far.{" "}
            </>
          )}
          You can close this page: the server goes on, and this is where you find it again.
        </p>
      </div>
    </Panel>
  );
}

function Resume({
  it,
  reason,
  onSent,
}: {
  readonly it: ImportView;
  readonly reason: string | undefined;
  readonly onSent: (it: ImportView) => void;
}) {
  const sending = useSending({ resume: it }, onSent);
  const size = it.fileBytes ?? 0;
  const isOther = (file: File): string | undefined =>
    file.size === size
      ? undefined
      : `This is another file: it has ${sizeOf(file.size)}, and ${it.fileName} ${sizeOf(size)}.`;
  return (
    <DropFile
      label="Choose the same file again"
      sending={sending}
      disabledReason={reason}
      fault={isOther}
    >
      {sizeOf(it.bytes)} of {sizeOf(size)} are here. Choose {it.fileName} again, and the upload goes
      on where it stopped.
    </DropFile>
  );
}

function About({ it }: { readonly it: ImportView }) {
  const path = `/v1/imports/${it.id}`;
  return (
    <Panel
      title="About this import"
      actions={<CopyButton text={curlOf("GET", path)} words="Copy as curl" size="small" />}
    >
      <Facts
        facts={[
          ["Makes", it.kind],
          ["Size", sizeOf(it.bytes)],
          ["Id", <IdText key="id" id={it.id} />],
          ["Begun", <Time key="at" at={it.createdAt} />],
          ...(it.startedAt === null
            ? []
            : [["Started", <Time key="started" at={it.startedAt} />] as const]),
          ...(it.endedAt === null ? [] : [["Ended", <Time key="end" at={it.endedAt} />] as const]),
          ...(it.sha256 === null
            ? []
            : [
                [
                  "SHA-256",
                  <code key="sha" className="font-mono text-xs break-all">
                    {it.sha256}
                  </code>,
                ] as const,
              ]),
        ]}
      />
    </Panel>
  );
}
