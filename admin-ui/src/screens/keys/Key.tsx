import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { KeyView, MadeView } from "../../../../server/keys/wire.ts";
import { get, post } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { ActorName } from "../../ui/ActorName.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Time } from "../../ui/Figures.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { KeyState } from "./KeyState.tsx";
import { Reveal } from "./Reveal.tsx";
import { RollDialog } from "./RollDialog.tsx";
import { sayOf } from "./scopes.ts";

const back = { to: "/keys", label: "API keys" };

export function Key() {
  const { id } = useParams({ from: "/signed-in/keys/$id" });
  const reason = useReasonAgainst("keys:read");
  if (reason === undefined) return <KnownKey key={id} id={id} />;
  return (
    <Page title="API key" back={back}>
      <NotForRole icon="keys" what="API keys" reason={reason} />
    </Page>
  );
}

function KnownKey({ id }: { readonly id: string }) {
  const query = useQuery({
    queryKey: ["keys", id],
    queryFn: ({ signal }) => get<KeyView>(`/v1/keys/${encodeURIComponent(id)}`, { signal }),
  });
  const navigate = useNavigate();
  const [made, setMade] = useState<MadeView>();
  useLiveQueries(["keys"], [["keys"]]);
  const { data: key, error } = query;
  usePageTitle(key?.name);
  if (!key) {
    return (
      <Page title="API key" back={back}>
        {error ? (
          <ErrorState error={error} onRetry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={4} />
        )}
      </Page>
    );
  }
  if (made) {
    const done = (): void => void navigate({ to: "/keys/$id", params: { id: made.id } });
    return (
      <Page title={`${made.name}, the new key`} back={back}>
        <BothLive old={key} />
        <Reveal made={made} onDone={done} />
      </Page>
    );
  }
  return (
    <Page
      title={key.name}
      back={back}
      about={
        <>
          <KeyState state={key.state} />
          <Badge tone={key.mode === "live" ? "ok" : "warn"}>{key.mode}</Badge>
        </>
      }
      actions={<Actions apiKey={key} onMade={setMade} />}
    >
      {key.state === "rolled" && <BothLive old={key} />}
      <Content apiKey={key} />
    </Page>
  );
}

/** Of a key that was rolled: how long it goes on beside its successor. */
function BothLive({ old }: { readonly old: KeyView }) {
  const { expiresAt, replacedBy, name } = old;
  const isOver = old.state === "expired" || old.state === "revoked";
  return (
    <p role="status" className="rounded-md border border-warn/50 bg-(--test) px-3 py-2">
      {isOver || expiresAt === null ? (
        <>The old key has ended; only its successor is valid.</>
      ) : (
        <>
          Both keys of {name} are valid: the old one ends <Time at={expiresAt} />.
        </>
      )}{" "}
      {replacedBy !== null && (
        <Link to="/keys/$id" params={{ id: replacedBy }} className="text-accent underline">
          The new key
        </Link>
      )}
    </p>
  );
}

function Content({ apiKey: key }: { readonly apiKey: KeyView }) {
  const { agentIds, mandateIds, expiresAt, lastUsedAt, revokedAt } = key;
  const bound = (ids: readonly string[] | null, any: string) =>
    ids === null ? any : <Ids ids={ids} />;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title="Key">
        <Facts
          facts={[
            [
              "Begins with",
              <span key="id" className="flex items-start gap-1 [&_button]:-my-1">
                <code className="min-w-0 font-mono text-xs break-all">{key.masked}</code>
                <CopyButton text={key.id} label="Copy the key's id" />
              </span>,
            ],
            ["Agents", bound(agentIds, "any")],
            ["Mandates", bound(mandateIds, "any")],
            ["Expires", expiresAt === null ? "never" : <Time key="expires" at={expiresAt} />],
            ["Last used", lastUsedAt === null ? "never" : <Time key="used" at={lastUsedAt} />],
            ...(revokedAt === null
              ? []
              : [["Revoked", <Time key="revoked" at={revokedAt} />] as const]),
            ["Made", <Time key="made" at={key.createdAt} />],
            ["Made by", <ActorName key="by" actor={key.maker} />],
          ]}
        />
      </Panel>
      <Panel title={`It may ${key.scopes.length === 1 ? "do this" : "do these"}`}>
        <ul className="flex flex-col gap-1.5">
          {key.scopes.map((scope) => (
            <li key={scope}>
              <code className="font-mono text-xs">{scope}</code>{" "}
              <span className="text-sm text-mute">{sayOf(scope)}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title="From a shell">
        <CodeBlock code={curlOf("GET", `/v1/keys/${key.id}`)} label="curl" />
      </Panel>
    </div>
  );
}

function Ids({ ids }: { readonly ids: readonly string[] }) {
  return (
    <ul>
      {ids.map((id) => (
        <li key={id}>
          <code className="font-mono text-xs break-all">{id}</code>
        </li>
      ))}
    </ul>
  );
}

function Actions({
  apiKey: key,
  onMade,
}: {
  readonly apiKey: KeyView;
  readonly onMade: (made: MadeView) => void;
}) {
  const [open, setOpen] = useState<"roll" | "revoke">();
  const client = useQueryClient();
  const role = useReasonAgainst("keys:write");
  const isOver = key.state === "revoked" || key.state === "expired";
  const ended = isOver ? `The key is ${key.state} already.` : undefined;
  const rolled = key.replacedBy === null ? undefined : "It was rolled: roll its successor.";
  const close = (): void => setOpen(undefined);
  const revoke = async (): Promise<void> => {
    const after = await post<KeyView>(`/v1/keys/${key.id}/revoke`, {});
    client.setQueryData(["keys", key.id], after);
    await client.invalidateQueries({ queryKey: ["keys"] });
  };
  return (
    <>
      <Button
        icon="refresh"
        disabledReason={role ?? ended ?? rolled}
        onClick={() => setOpen("roll")}
      >
        Roll
      </Button>
      <Button
        look="danger"
        icon="cross"
        disabledReason={role ?? (key.state === "revoked" ? ended : undefined)}
        onClick={() => setOpen("revoke")}
      >
        Revoke
      </Button>
      {open === "roll" && <RollDialog apiKey={key} onClose={close} onMade={onMade} />}
      <ConfirmDialog
        open={open === "revoke"}
        title={`Revoke ${key.name}?`}
        action="Revoke the key"
        danger
        typed={key.name}
        onConfirm={revoke}
        onClose={close}
      >
        <p>
          Within a second no request with it is taken any more, anywhere. It cannot be undone: what
          uses the key stops until it has another one. To change it without a stop, roll it.
        </p>
      </ConfirmDialog>
    </>
  );
}
