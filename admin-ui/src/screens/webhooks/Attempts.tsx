import type { AttemptView, WholeDeliveryView } from "../../../../server/webhooks/wire.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Time } from "../../ui/Figures.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { pretty } from "./EventPicker.tsx";
import { curlOfAttempt, opensslOf } from "./snippets.ts";
import { isSuccess } from "./words.ts";

export function Attempts({
  log,
  shown,
  onShow,
}: {
  readonly log: readonly AttemptView[];
  readonly shown: number | undefined;
  readonly onShow: (attempt: number) => void;
}) {
  const columns: readonly SmallColumn<AttemptView>[] = [
    { id: "attempt", header: "Attempt", cell: ({ attempt }) => attempt },
    { id: "at", header: "When", cell: ({ at }) => <Time at={at} /> },
    {
      id: "status",
      header: "Answer",
      cell: ({ status, fault }) => (
        <Badge tone={isSuccess(status) ? "ok" : "bad"} icon={isSuccess(status) ? "check" : "cross"}>
          {status ?? fault}
        </Badge>
      ),
    },
    { id: "ms", header: "Took", align: "end", cell: ({ ms }) => formatDuration(ms) },
    {
      id: "show",
      header: "Details",
      align: "end",
      cell: ({ attempt }) => (
        <Button size="small" aria-pressed={attempt === shown} onClick={() => onShow(attempt)}>
          {attempt === shown ? "Shown below" : `Show ${attempt}`}
        </Button>
      ),
    },
  ];
  return (
    <Panel title={log.length === 0 ? "No attempt yet" : "Attempts"} flush>
      {log.length === 0 ? (
        <p className="px-4 pt-1 pb-4 text-mute">
          A worker makes the first one within a few seconds, unless the webhook is disabled.
        </p>
      ) : (
        <SmallTable
          label="Attempts"
          columns={columns}
          rows={log}
          rowKey={({ attempt }) => String(attempt)}
        />
      )}
    </Panel>
  );
}

const tabs = [
  { id: "exchange", label: "Request and answer" },
  { id: "openssl", label: "Verify by openssl" },
  { id: "curl", label: "curl" },
];

/** One attempt: what was sent, and what came back. */
export function AttemptPanels({
  delivery,
  attempt,
  show,
  onShow,
}: {
  readonly delivery: WholeDeliveryView;
  readonly attempt: AttemptView | undefined;
  readonly show: string | undefined;
  readonly onShow: (show: string | undefined) => void;
}) {
  const open = tabs.some(({ id }) => id === show) ? (show ?? "") : "exchange";
  const request = attempt?.request ?? null;
  return (
    <Panel title={attempt ? `Attempt ${attempt.attempt}` : "What will be sent"}>
      <Tabs
        label="Attempt"
        tabs={tabs}
        open={open}
        onOpen={(next) => onShow(next === "exchange" ? undefined : next)}
      >
        {open === "exchange" ? (
          <Exchange delivery={delivery} attempt={attempt} />
        ) : request === null ? (
          <p className="text-mute">
            There is no request to show: this attempt sent none, or none was made yet.
          </p>
        ) : open === "openssl" ? (
          <CodeBlock label="openssl" code={opensslOf(delivery, request)} />
        ) : (
          <div className="flex flex-col gap-2">
            <p className="text-mute">
              This very request, to a receiver on your own machine. Libraries refuse a{" "}
              <code>webhook-timestamp</code> that is more than five minutes old: send the delivery
              again for a fresh one.
            </p>
            <CodeBlock label="curl" code={curlOfAttempt(delivery, request)} />
          </div>
        )}
      </Tabs>
    </Panel>
  );
}

function Exchange({
  delivery,
  attempt,
}: {
  readonly delivery: WholeDeliveryView;
  readonly attempt: AttemptView | undefined;
}) {
  const request = attempt?.request ?? null;
  const headers = request === null ? [] : Object.entries(request.headers);
  const head =
    request && `POST ${request.url}\n${headers.map((pair) => pair.join(": ")).join("\n")}`;
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-3">
        <h3 className="text-sm text-mute">Request</h3>
        {head !== null && <CodeBlock label="Request headers" code={head} wraps />}
        <CodeBlock label="Request body" code={pretty(delivery.payload)} />
        <p className="text-sm text-mute">
          Shown with line breaks; it is sent, and signed, on one line.
        </p>
      </div>
      <div className="flex min-w-0 flex-col gap-3">
        <h3 className="text-sm text-mute">Answer</h3>
        {attempt ? <Answer attempt={attempt} /> : <p className="text-mute">None yet.</p>}
      </div>
    </div>
  );
}

function Answer({ attempt }: { readonly attempt: AttemptView }) {
  const { status, fault, ms, answer } = attempt;
  if (status === null) {
    return (
      <p>
        No answer after {formatDuration(ms)}: {fault}.
      </p>
    );
  }
  return (
    <>
      <p>
        <b className="font-semibold tabular-nums">{status}</b> after {formatDuration(ms)}
      </p>
      {answer === "" ? (
        <p className="text-mute">It had no body.</p>
      ) : (
        <>
          <CodeBlock label="Answer body" code={answer} wraps />
          <p className="text-sm text-mute">How it began: 1 kB at most is kept.</p>
        </>
      )}
    </>
  );
}
