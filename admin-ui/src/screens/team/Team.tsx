import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { MemberView } from "../../../../server/people/wire.ts";
import { useReasonAgainst, useSession } from "../../api/session.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Time } from "../../ui/Figures.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Page } from "../../ui/Page.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { Invitations } from "./Invitations.tsx";
import { Invite } from "./Invite.tsx";
import { PassOn, type Passed } from "./PassOn.tsx";
import { useInvitations, useMembers } from "./people.ts";
import { RoleTable } from "./RoleTable.tsx";

export function Team() {
  const reason = useReasonAgainst("people:read");
  if (reason === undefined) return <Known />;
  return (
    <Page title="Team and roles">
      <NotForRole icon="team" what="The people of the organisation" reason={reason} />
    </Page>
  );
}

function Known() {
  const { tab = "members", make } = useSearch({ from: "/signed-in/team" });
  const navigate = useNavigate({ from: "/team" });
  const reason = useReasonAgainst("people:write");
  const open = useInvitations().data?.data.length ?? 0;
  const [passed, setPassed] = useState<Passed>();
  const setMaking = (is: boolean): void =>
    void navigate({ search: (now) => ({ ...now, make: is ? "invitation" : undefined }) });
  usePaletteActions(
    reason === undefined
      ? [{ label: "Invite somebody", icon: "plus", run: () => setMaking(true) }]
      : [],
  );
  const invite = (
    <Button look="primary" icon="plus" disabledReason={reason} onClick={() => setMaking(true)}>
      Invite
    </Button>
  );
  const tabs = [
    { id: "members", label: "People" },
    { id: "invitations", label: open === 0 ? "Invitations" : `Invitations (${open})` },
    { id: "roles", label: "What each role may do" },
  ];
  const shown = tabs.some(({ id }) => id === tab) ? tab : "members";
  return (
    <Page title="Team and roles" actions={invite}>
      <Tabs
        label="Team"
        tabs={tabs}
        open={shown}
        onOpen={(id) => void navigate({ search: (now) => ({ ...now, tab: id }), replace: true })}
      >
        {shown === "members" && <Members />}
        {shown === "invitations" && <Invitations invite={invite} onMade={setPassed} />}
        {shown === "roles" && <RoleTable />}
      </Tabs>
      {make === "invitation" && reason === undefined && (
        <Invite
          onClose={() => setMaking(false)}
          onMade={(made) => {
            setPassed(made);
            void navigate({ search: { tab: "invitations" } });
          }}
        />
      )}
      {passed && <PassOn passed={passed} onClose={() => setPassed(undefined)} />}
    </Page>
  );
}

const columns: readonly Column<MemberView>[] = [
  { id: "name", header: "Name", width: "minmax(0, 2fr)", cell: (one) => <Name person={one} /> },
  {
    id: "email",
    header: "Email",
    width: "minmax(0, 2fr)",
    wideOnly: true,
    cell: ({ email }) => (
      <span className="truncate text-mute" title={email}>
        {email}
      </span>
    ),
  },
  {
    id: "role",
    header: "Role",
    width: "84px",
    cell: ({ role }) => <Badge tone={role === "owner" ? "accent" : "neutral"}>{role}</Badge>,
  },
  {
    id: "seen",
    header: "Last seen",
    width: "minmax(92px, 1fr)",
    wideOnly: true,
    cell: ({ lastSeenAt }) =>
      lastSeenAt === null ? (
        <span className="text-mute">not lately</span>
      ) : (
        <Time at={lastSeenAt} />
      ),
  },
  {
    id: "state",
    header: "State",
    width: "96px",
    align: "end",
    cell: (one) => <SignedIn person={one} />,
  },
];

function Name({ person }: { readonly person: MemberView }) {
  const own = useSession().person.id === person.id;
  return (
    <>
      {person.name}
      {own && <span className="font-normal text-mute"> (you)</span>}
    </>
  );
}

export function SignedIn({ person }: { readonly person: MemberView }) {
  if (person.sessions === 0) return <Badge>Signed out</Badge>;
  return (
    <Badge tone="ok" icon="check">
      Signed in
    </Badge>
  );
}

function Members() {
  const query = useMembers();
  const { data, error } = query;
  if (!data && error) return <ErrorState error={error} onRetry={() => void query.refetch()} />;
  if (!data) return <SkeletonRows rows={4} />;
  const { length } = data.data;
  return (
    <Table
      label="People"
      columns={columns}
      rows={data.data}
      rowKey={({ id }) => id}
      rowHref={({ id }) => `/team/${id}`}
      footer={length === 1 ? "Only you so far: invite somebody." : `${length} people.`}
    />
  );
}
