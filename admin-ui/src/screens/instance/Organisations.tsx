import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { OrganisationView } from "../../../../server/instance/wire.ts";
import type { NewInvitationView } from "../../../../server/people/wire.ts";
import { get, post } from "../../api/client.ts";
import { useReasonAgainst, useSession } from "../../api/session.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Input } from "../../ui/Field.tsx";
import { Num, Time } from "../../ui/Figures.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { textIn, useFormWork } from "../../ui/forms.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Pager } from "../../ui/Pager.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { PassOn, type Passed } from "../team/PassOn.tsx";
import { ReopenDialog, SuspendDialog } from "./SuspendDialogs.tsx";

interface OrganisationList {
  readonly data: readonly OrganisationView[];
  readonly nextCursor: string | null;
}

type Act = (one: OrganisationView, verb: "suspend" | "reopen") => void;

const columnsFor = (onAct: Act): readonly Column<OrganisationView>[] => [
  { id: "name", header: "Name", width: "minmax(0, 2fr)", cell: (one) => <Name one={one} /> },
  {
    id: "live",
    header: "Live tenant",
    width: "minmax(0, 2fr)",
    wideOnly: true,
    cell: ({ tenants }) => <Tenant id={tenants.live} word="live" />,
  },
  {
    id: "test",
    header: "Test tenant",
    width: "minmax(0, 2fr)",
    wideOnly: true,
    cell: ({ tenants }) => <Tenant id={tenants.test} word="test" />,
  },
  {
    id: "people",
    header: "People",
    width: "60px",
    align: "end",
    cell: ({ people }) => <Num value={people} />,
  },
  {
    id: "created",
    header: "Founded",
    width: "110px",
    wideOnly: true,
    align: "end",
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: "act",
    header: "Suspend or reopen",
    hideHeader: true,
    width: "104px",
    align: "end",
    cell: (one) => <ActButton one={one} onAct={onAct} />,
  },
];

function ActButton({ one, onAct }: { readonly one: OrganisationView; readonly onAct: Act }) {
  const { organisation } = useSession();
  const mayNot = useReasonAgainst("instance:write");
  if (organisation.id === one.id) return null;
  const verb = one.suspension ? "reopen" : "suspend";
  return (
    <Button size="small" disabledReason={mayNot} onClick={() => onAct(one, verb)}>
      {verb === "reopen" ? "Reopen" : "Suspend"}
      <span className="sr-only"> {one.name}</span>
    </Button>
  );
}

function Name({ one }: { readonly one: OrganisationView }) {
  const own = useSession().organisation.id === one.id;
  return (
    <>
      <span className="truncate" title={one.name}>
        {one.name}
      </span>
      {own && <Badge tone="accent">yours</Badge>}
      {one.suspension && (
        <span title={`Since ${one.suspension.since.slice(0, 10)}: ${one.suspension.reason}`}>
          <Badge tone="warn" icon="pause">
            suspended
          </Badge>
        </span>
      )}
    </>
  );
}

function Tenant({ id, word }: { readonly id: string; readonly word: string }) {
  return (
    <>
      <code className="truncate font-mono text-xs text-mute" title={id}>
        {id}
      </code>
      <CopyButton text={id} label={`Copy the id of the ${word} tenant`} />
    </>
  );
}

/** Nothing of what they sell is seen here: that is theirs. */
export function Organisations() {
  const { cursor } = useSearch({ from: "/signed-in/instance" });
  const reason = useReasonAgainst("instance:write");
  const [isInviting, setInviting] = useState(false);
  const [passed, setPassed] = useState<Passed>();
  const [acting, setActing] = useState<Acting>();
  const [done, setDone] = useState<string>();
  const columns = columnsFor((one, verb) => setActing({ one, verb }));
  const { data, error, refetch } = useQuery({
    queryKey: ["instance", "organisations", { cursor }],
    queryFn: ({ signal }) =>
      get<OrganisationList>("/v1/instance/organisations", { query: { limit: 50, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
  if (!data && error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={4} />;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-60 flex-1 text-mute">
          Each has people of its own, a live tenant and a test tenant. What they sell, nobody else
          sees: not even you.
        </p>
        <Button icon="plus" disabledReason={reason} onClick={() => setInviting(true)}>
          Invite an organisation
        </Button>
      </div>
      {done !== undefined && <Notice onClose={() => setDone(undefined)}>{done}</Notice>}
      <Table
        label="Organisations"
        columns={columns}
        rows={data.data}
        rowKey={({ id }) => id}
        footer={
          <Pager
            cursor={cursor}
            nextCursor={data.nextCursor}
            count={data.data.length}
            noun="organisations"
          />
        }
      />
      {acting && (
        <ActDialog
          one={acting.one}
          verb={acting.verb}
          onClose={() => setActing(undefined)}
          onDone={(says) => {
            setActing(undefined);
            // Beside the words the list shows what they say.
            void refetch().then(() => setDone(says));
          }}
        />
      )}
      {isInviting && (
        <InviteFounder
          onClose={() => setInviting(false)}
          onMade={(made) => {
            setInviting(false);
            setPassed(made);
          }}
        />
      )}
      {passed && <PassOn passed={passed} onClose={() => setPassed(undefined)} />}
    </div>
  );
}

interface Acting {
  readonly one: OrganisationView;
  readonly verb: "suspend" | "reopen";
}

function ActDialog({ verb, ...rest }: Acting & Omit<Parameters<typeof ReopenDialog>[0], "one">) {
  return verb === "suspend" ? <SuspendDialog {...rest} /> : <ReopenDialog {...rest} />;
}

function InviteFounder({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (passed: Passed) => void;
}) {
  const work = useFormWork(async (_key, form) => {
    const made = await post<NewInvitationView>("/v1/instance/invitations", {
      email: textIn(form, "email"),
    });
    const { email, link, expiresAt } = made;
    const says = `Pass it on by a way that only ${email} reads: whoever opens it names the organisation and is its owner.`;
    onMade({ title: `A link for ${email}`, says, link, expiresAt });
  });
  return (
    <FormDialog title="Invite an organisation" action="Make the link" work={work} onClose={onClose}>
      <Input
        label="Email of its first owner"
        name="email"
        type="email"
        autoComplete="off"
        pointer="/email"
        problem={work.problem}
      />
    </FormDialog>
  );
}
