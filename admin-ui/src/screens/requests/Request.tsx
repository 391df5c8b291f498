import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { WholeAskView } from "../../../../server/purchases/whole/wire.ts";
import type { RequestView } from "../../../../server/requests/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst, useSession } from "../../api/session.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { Badge } from "../../ui/Badge.tsx";
import { classNames } from "../../ui/class-names.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Time } from "../../ui/Figures.tsx";
import { formatDuration, formatNumber, formatTime } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { ThingLink } from "../../ui/ThingLink.tsx";
import { curlOf as curlOfAsk } from "../purchases/code.ts";
import { isAsk, lookOf, pathOf, subjectOf, verdictOf } from "./words.ts";

const back = { to: "/requests", label: "Request log" };
const linkClass = "underline decoration-line underline-offset-2 hover:decoration-ink";

export function RequestPage() {
  const { id } = useParams({ from: "/signed-in/requests/$id" });
  const reason = useReasonAgainst("requests:read");
  if (reason === undefined) return <Known key={id} id={id} />;
  return (
    <Page title="Request" back={back}>
      <NotForRole icon="requests" what="Requests" reason={reason} />
    </Page>
  );
}

function Known({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["requests", id],
    queryFn: ({ signal }) => get<RequestView>(`/v1/requests/${id}`, { signal }),
    // What is over does not change.
    staleTime: Infinity,
  });
  usePageTitle(data && `${data.method} ${data.route}`);
  if (data) return <Shown request={data} />;
  return (
    <Page title="Request" back={back}>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={5} />
      )}
    </Page>
  );
}

function Shown({ request }: { readonly request: RequestView }) {
  const { method, route, status, replayed, standsFor } = request;
  const { tone, icon } = lookOf(request);
  const reason = useReasonAgainst("purchases:read");
  const mayAsk = isAsk(request) && request.subjectId !== null && reason === undefined;
  const ask = useQuery({
    queryKey: ["purchase", request.subjectId, "ask"],
    queryFn: ({ signal }) =>
      get<WholeAskView>(`/v1/purchases/${request.subjectId ?? ""}`, {
        query: { view: "whole" },
        signal,
      }),
    enabled: mayAsk,
  });
  return (
    <Page
      title={`${method} ${route}`}
      back={back}
      about={
        <>
          <Badge tone={tone} icon={icon}>
            {status ?? "gone"}
          </Badge>
          {replayed === true && <Badge icon="refresh">Replay</Badge>}
        </>
      }
    >
      <Verdict request={request} />
      {standsFor > 1 && (
        <p className="rounded-lg border bg-panel px-4 py-3">
          There were more than 20 successes in its second: this one stands for{" "}
          {formatNumber(standsFor)} of them. The others are not in the log.
        </p>
      )}
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Content request={request} ask={ask.data} />
        </div>
        <About request={request} />
      </div>
    </Page>
  );
}

function Verdict({ request }: { readonly request: RequestView }) {
  const { status, code } = request;
  const { tone, icon } = lookOf(request);
  const isBad = status !== null && status >= 400;
  return (
    <div
      className={classNames(
        "flex items-start gap-3 rounded-lg border px-4 py-3",
        isBad ? "border-bad/40 bg-bad/8" : "bg-panel",
      )}
    >
      <span className={classNames("mt-0.5", tone === "ok" ? "text-ok" : isBad ? "text-bad" : "")}>
        <Icon name={icon} size={20} />
      </span>
      <div className="flex min-w-0 flex-col gap-1">
        <p className="text-lg leading-6 font-medium text-pretty break-words">
          {verdictOf(request)}
        </p>
        {code !== null && (
          <p>
            <a className={linkClass} href={`/problems/${code}`} target="_blank" rel="noreferrer">
              What {code} means, and what to do
            </a>
          </p>
        )}
      </div>
    </div>
  );
}

/** What was sent and answered, where the books have it; else how to send the like of it. */
function Content({
  request,
  ask,
}: {
  readonly request: RequestView;
  readonly ask: WholeAskView | undefined;
}) {
  if (ask) {
    return (
      <>
        <Panel title="Request and answer">
          <div className="flex flex-col gap-3">
            <p className="text-mute">
              The log keeps neither; these stand in the books, as they were the first time.
            </p>
            <div className="grid gap-4 md:grid-cols-2">
              <CodeBlock label="Request" code={JSON.stringify(ask.request, undefined, 2)} />
              <CodeBlock label="Answer" code={JSON.stringify(ask.answer, undefined, 2)} />
            </div>
          </div>
        </Panel>
        <Panel title="From a shell">
          <CodeBlock label="curl" code={curlOfAsk(ask)} />
        </Panel>
      </>
    );
  }
  return (
    <Panel title="From a shell">
      <div className="flex flex-col gap-3">
        <CodeBlock label="curl" code={curlOfLogged(request)} />
        <p className="text-sm text-pretty text-mute">
          The log keeps no bodies and nothing that came after a question mark: put your own in.
          {request.idempotencyKey !== null &&
            (request.status ?? 500) < 300 &&
            " Under the same idempotency key the same body is answered as it was, another one is refused."}
        </p>
      </div>
    </Panel>
  );
}

function curlOfLogged(request: RequestView): string {
  const { method, idempotencyKey } = request;
  const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const lines = [
    `curl -i${method === "GET" ? "" : ` -X ${method}`} "${location.origin}${pathOf(request)}"`,
    `-H "Authorization: Bearer $ZERORACE_API_KEY"`,
    ...(idempotencyKey === null ? [] : [`-H ${quoted(`Idempotency-Key: ${idempotencyKey}`)}`]),
    ...(method === "POST" ? ['-H "Content-Type: application/json"', "-d @body.json"] : []),
  ];
  return lines.join(" \\\n  ");
}

function About({ request }: { readonly request: RequestView }) {
  const { requestId, createdAt, ms, keyId, personId, idempotencyKey, userAgent } = request;
  const subject = subjectOf(request);
  const { person } = useSession();
  return (
    <Panel title="Request">
      <Facts
        facts={[
          [
            "When",
            <span key="at">
              <Time at={createdAt} />, {formatTime(createdAt)}
            </span>,
          ],
          ["Took", formatDuration(ms)],
          [
            "Sent by",
            keyId !== null ? (
              <ThingLink key="key" at="/keys" id={keyId}>
                <code className="font-mono text-xs break-all">{keyId}</code>
              </ThingLink>
            ) : personId === person.id ? (
              "you"
            ) : (
              <code key="person" className="font-mono text-xs break-all">
                person {personId}
              </code>
            ),
          ],
          ...(userAgent === null
            ? []
            : [
                [
                  "User-Agent",
                  <code key="agent" className="font-mono text-xs break-words">
                    {userAgent}
                  </code>,
                ] as const,
              ]),
          ...(idempotencyKey === null
            ? []
            : [
                [
                  "Idempotency-Key",
                  <IdText key="ik" id={idempotencyKey} label="Copy the idempotency key" />,
                ] as const,
              ]),
          ...(subject
            ? [
                [
                  subject.word,
                  <Link
                    key="subject"
                    to={subject.to as "/purchases/$id"}
                    params={{ id: subject.id }}
                    className={linkClass}
                  >
                    <code className="font-mono text-xs break-all">{subject.id}</code>
                  </Link>,
                ] as const,
              ]
            : []),
          ["Request-Id", <IdText key="id" id={requestId} label="Copy the request's id" />],
        ]}
      />
    </Panel>
  );
}
