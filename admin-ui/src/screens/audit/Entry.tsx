import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { EntryView } from "../../../../server/audit/wire.ts";
import { get } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { copyText } from "../../ui/CopyButton.tsx";
import { Time } from "../../ui/Figures.tsx";
import { formatTime } from "../../ui/format.ts";
import { IdText } from "../../ui/IdText.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { note } from "../../ui/say.ts";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { useHasScreen } from "../../ui/ThingLink.tsx";
import { Difference } from "./Difference.tsx";
import { instanceLog, ownLog, type Log } from "./list.ts";
import { actionWords, actorWords, kindWords, thingWords } from "./words.ts";

export function Entry() {
  const { seq } = useParams({ from: "/signed-in/audit/$seq" });
  return <Whole key={seq} log={ownLog} scope="audit:read" seq={seq} />;
}

export function InstanceEntry() {
  const { seq } = useParams({ from: "/signed-in/audit/instance/$seq" });
  return <Whole key={seq} log={instanceLog} scope="instance:read" seq={seq} />;
}

interface Place {
  readonly log: Log;
  readonly seq: string;
}

function Whole({ scope, ...place }: Place & { readonly scope: "audit:read" | "instance:read" }) {
  const reason = useReasonAgainst(scope);
  if (reason === undefined) return <Known {...place} />;
  return (
    <Page title="Entry" back={backTo(place.log)}>
      <NotForRole icon="audit" what="Entries of this log" reason={reason} />
    </Page>
  );
}

const backTo = (log: Log) => ({
  to: log.href,
  label: log === ownLog ? "Audit log" : "Audit log of this instance",
});

function Known({ log, seq }: Place) {
  const {
    data: entry,
    error,
    refetch,
  } = useQuery({
    queryKey: ["audit", log.path, seq],
    queryFn: ({ signal }) =>
      get<EntryView>(`${log.path}/entries/${encodeURIComponent(seq)}`, { signal }),
  });
  usePageTitle(entry && `${actionWords(entry.action)}, entry ${entry.seq}`);
  if (!entry) {
    return (
      <Page title={`Entry ${seq}`} back={backTo(log)}>
        {error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <SkeletonRows rows={5} />
        )}
      </Page>
    );
  }
  return (
    <Page
      title={actionWords(entry.action)}
      back={backTo(log)}
      about={`entry ${entry.seq}`}
      actions={<Actions log={log} entry={entry} />}
    >
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Difference entry={entry} />
          <Panel title="As the log has it">
            <CodeBlock code={JSON.stringify(entry, null, 2)} label="the entry" />
          </Panel>
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <About log={log} entry={entry} />
          <InChain log={log} entry={entry} />
        </div>
      </div>
    </Page>
  );
}

function Actions({ log, entry }: { readonly log: Log; readonly entry: EntryView }) {
  const curl = curlOf("GET", `${log.path}/entries/${entry.seq}`);
  return (
    <>
      {entry.seq > 1 && (
        <Link to={`${log.href}/${entry.seq - 1}` as "/"} className={buttonClass("plain")}>
          The one before
        </Link>
      )}
      <Button
        icon="copy"
        onClick={() => {
          void copyText(curl);
          note("Copied the request as curl.");
        }}
      >
        Copy as curl
      </Button>
    </>
  );
}

const link = "underline decoration-line underline-offset-2 hover:decoration-ink";

function About({ log, entry }: { readonly log: Log; readonly entry: EntryView }) {
  const { actor, object, at, reason, ip, requestId } = entry;
  const role = actor.role === null ? "" : ` (${actor.role})`;
  return (
    <Panel title="Who, when and why">
      <Facts
        facts={[
          [
            "Who",
            <span key="who">
              {actorWords(actor)}
              {role}
              <span className="block text-sm">
                <Link
                  to={log.href as "/audit"}
                  search={{ actorId: actor.id }}
                  className={`inline-flex min-h-7 items-center text-mute ${link}`}
                >
                  All that they did
                </Link>
              </span>
            </span>,
          ],
          [
            "When",
            <span key="when">
              {formatTime(at)}
              <span className="block text-sm text-mute">
                <Time at={at} />
              </span>
            </span>,
          ],
          ["Why", reason ?? <span className="text-mute">no reason was given</span>],
          [
            kindWords(object.kind),
            <span key="what">
              <Thing object={object} />
              <span className="block text-sm">
                <Link
                  to={log.href as "/audit"}
                  search={{ objectId: object.id }}
                  className={`inline-flex min-h-7 items-center text-mute ${link}`}
                >
                  All that was done to it
                </Link>
              </span>
            </span>,
          ],
          ["Its id", <IdText key="id" id={object.id} />],
          ...(ip === null ? [] : [["From", <IdText key="ip" id={ip} />] as const]),
          ...(requestId === null
            ? []
            : [["Request", <IdText key="request" id={requestId} />] as const]),
        ]}
      />
    </Panel>
  );
}

const screens: Readonly<Record<string, string>> = {
  agent: "/agents",
  api_key: "/keys",
  item: "/items",
  mandate: "/mandates",
  merchant: "/merchants",
  run: "/runs",
  webhook: "/webhooks",
};

function Thing({ object }: { readonly object: EntryView["object"] }) {
  const path = screens[object.kind];
  const hasScreen = useHasScreen(`${path}/$id`);
  const words = thingWords(object);
  if (path === undefined || !hasScreen) return <>{words}</>;
  return (
    <Link
      to={`${path}/$id` as "/items/$id"}
      params={{ id: object.id }}
      className={`inline-flex min-h-7 items-center ${link}`}
    >
      {words}
    </Link>
  );
}

function InChain({ log, entry }: { readonly log: Log; readonly entry: EntryView }) {
  return (
    <Panel title="In the chain">
      <p className="pb-3 text-mute">
        Its hash is of all that it says and of the hash before it: what is changed, moved or removed
        afterwards shows. The{" "}
        <Link to={log.href as "/audit"} className={link}>
          log
        </Link>{" "}
        says whether all of them fit.
      </p>
      <Facts
        facts={[
          ["Its hash", <IdText key="hash" id={entry.hash} label="Copy its hash" />],
          [
            "The one before",
            <IdText key="previous" id={entry.previousHash} label="Copy the hash before it" />,
          ],
        ]}
      />
    </Panel>
  );
}
