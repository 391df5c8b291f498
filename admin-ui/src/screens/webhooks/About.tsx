import type { EndpointView } from "../../../../server/webhooks/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Time } from "../../ui/Figures.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { Facts, Panel } from "../../ui/Page.tsx";
import { Health } from "./Health.tsx";
import type { WebhookSearch } from "./search.ts";
import { receiverCode } from "./snippets.ts";
import { inShort } from "./words.ts";

/** Where it goes, what signs it, and how a receiver verifies that. */
export function About({
  webhook,
  search,
  onSet,
}: {
  readonly webhook: EndpointView;
  readonly search: WebhookSearch;
  readonly onSet: (next: WebhookSearch) => void;
}) {
  const { id, url, description, events, createdAt, recent } = webhook;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-4">
        <Panel title="Webhook">
          <Facts
            facts={[
              [
                "URL",
                <span key="url" className="break-all">
                  {url}
                </span>,
              ],
              ...(description === "" ? [] : [["Description", description] as const]),
              [
                "Last deliveries",
                <span key="recent" className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <Health recent={recent} />
                  {recent.length > 0 && (
                    <span className="text-sm text-mute">{inShort(recent)}</span>
                  )}
                </span>,
              ],
              [
                "Hears",
                events === null ? (
                  "everything"
                ) : (
                  <ul key="events">
                    {events.map((event) => (
                      <li key={event}>
                        <code className="font-mono text-xs">{event}</code>
                      </li>
                    ))}
                  </ul>
                ),
              ],
              ["Made", <Time key="made" at={createdAt} />],
              ["Id", <IdText key="id" id={id} />],
            ]}
          />
        </Panel>
        <Secrets webhook={webhook} search={search} onSet={onSet} />
        <Panel title="From a shell">
          <CodeBlock code={curlOf("GET", `/v1/webhooks/${id}/deliveries`)} label="curl" />
        </Panel>
      </div>
      <Panel title="Verify what it gets">
        <div className="flex flex-col gap-3">
          <p className="text-mute">
            A whole receiver with the public library of Standard Webhooks. Libraries of other
            languages do the same: the signature is in <code>webhook-signature</code>, over{" "}
            <code>id.timestamp.body</code>. A delivery&rsquo;s own page has the check by openssl.
          </p>
          <CodeBlock label="TypeScript" code={receiverCode} />
        </div>
      </Panel>
    </div>
  );
}

function Secrets({
  webhook,
  search,
  onSet,
}: {
  readonly webhook: EndpointView;
  readonly search: WebhookSearch;
  readonly onSet: (next: WebhookSearch) => void;
}) {
  const role = useReasonAgainst("webhooks:write");
  const { oldSecretUntil } = webhook;
  const open = (act: string) => () => onSet({ ...search, act });
  return (
    <Panel title={oldSecretUntil === null ? "One secret signs" : "Two secrets sign"}>
      <div className="flex flex-col items-start gap-3">
        {oldSecretUntil === null ? (
          <p className="text-pretty">
            It was shown once, when it was made. If it may be known to others, or is lost, roll it:
            a new one is made, and both sign for as long as you want.
          </p>
        ) : (
          <p className="text-pretty">
            Every delivery carries two signatures, so that the receiver may know either secret. The
            old one ends <Time at={oldSecretUntil} />.
          </p>
        )}
        <div className="flex flex-wrap gap-2">
          <Button icon="refresh" disabledReason={role} onClick={open("roll")}>
            Roll the secret …
          </Button>
          {oldSecretUntil !== null && (
            <Button icon="cross" disabledReason={role} onClick={open("expire")}>
              End the old secret …
            </Button>
          )}
        </div>
      </div>
    </Panel>
  );
}
