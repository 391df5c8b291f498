import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { InvitationView, NewInvitationView } from "../../../../server/people/wire.ts";
import { post } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Time } from "../../ui/Figures.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { passedOf } from "./Invite.tsx";
import type { Passed } from "./PassOn.tsx";
import { useInvitations } from "./people.ts";

/** Those that nobody has used yet. */
export function Invitations({
  invite,
  onMade,
}: {
  readonly invite: ReactNode;
  readonly onMade: (passed: Passed) => void;
}) {
  const query = useInvitations();
  const queries = useQueryClient();
  const reason = useReasonAgainst("people:write");
  const [chosen, setChosen] = useState<readonly ["renew" | "revoke", InvitationView]>();
  const { data, error } = query;
  if (!data && error) return <ErrorState error={error} onRetry={() => void query.refetch()} />;
  if (!data) return <SkeletonRows rows={3} />;
  if (data.data.length === 0) return <Nobody invite={invite} />;
  const [act, one] = chosen ?? [];
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: ["invitations"] });
  const renew = async ({ email, role }: InvitationView): Promise<void> => {
    onMade(passedOf(await post<NewInvitationView>("/v1/invitations", { email, role })));
    await again();
  };
  const revoke = async ({ id }: InvitationView): Promise<void> => {
    await post(`/v1/invitations/${id}/revoke`, {});
    await again();
  };
  const close = (): void => setChosen(undefined);
  return (
    <>
      <Table
        label="Open invitations"
        columns={columnsOf(reason, (name, invitation) => setChosen([name, invitation]))}
        rows={data.data}
        rowKey={({ id }) => id}
        rowHeight={48}
        footer="A link is shown once, when it is made. Who has lost it gets a new one."
      />
      {one && (
        <>
          <ConfirmDialog
            open={act === "renew"}
            title={`A new link for ${one.email}?`}
            action="Make a new link"
            onConfirm={() => renew(one)}
            onClose={close}
          >
            <p>
              The link that was passed on before ends. The new one is good for a week, for the role{" "}
              {one.role}.
            </p>
          </ConfirmDialog>
          <ConfirmDialog
            open={act === "revoke"}
            title={`Revoke the invitation of ${one.email}?`}
            action="Revoke it"
            danger
            onConfirm={() => revoke(one)}
            onClose={close}
          >
            <p>Its link does nothing any more. You can invite {one.email} again.</p>
          </ConfirmDialog>
        </>
      )}
    </>
  );
}

function columnsOf(
  reason: string | undefined,
  onAct: (act: "renew" | "revoke", invitation: InvitationView) => void,
): readonly Column<InvitationView>[] {
  return [
    {
      id: "email",
      header: "Email",
      width: "minmax(0, 2fr)",
      cell: ({ email }) => (
        <span className="truncate" title={email}>
          {email}
        </span>
      ),
    },
    {
      id: "role",
      header: "Role",
      width: "88px",
      wideOnly: true,
      cell: ({ role }) => <Badge>{role}</Badge>,
    },
    {
      id: "made",
      header: "Made",
      width: "minmax(90px, 1fr)",
      wideOnly: true,
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
    {
      id: "expires",
      header: "Ends",
      width: "minmax(72px, 1fr)",
      cell: ({ expiresAt }) => <Time at={expiresAt} />,
    },
    {
      id: "acts",
      header: "What to do",
      hideHeader: true,
      // As wide in every row: beside each other, and icons alone where there is no room.
      width: "clamp(72px, 19vw, 186px)",
      align: "end",
      cell: (invitation) => (
        <>
          <Button
            size="small"
            icon="refresh"
            disabledReason={reason}
            aria-label={`New link for ${invitation.email}`}
            onClick={() => onAct("renew", invitation)}
          >
            <span className="max-lg:sr-only">New link</span>
          </Button>
          <Button
            size="small"
            look="danger"
            icon="cross"
            disabledReason={reason}
            aria-label={`Revoke ${invitation.email}`}
            onClick={() => onAct("revoke", invitation)}
          >
            <span className="max-lg:sr-only">Revoke</span>
          </Button>
        </>
      ),
    },
  ];
}

function Nobody({ invite }: { readonly invite: ReactNode }) {
  const body = { email: "bo@example.com", role: "operator" };
  return (
    <EmptyState
      icon="team"
      title="No open invitations"
      action={invite}
      // Only who has signed in may invite: no key can.
      curl={curlOf("POST", "/v1/invitations", body, { bySession: true })}
    >
      Whoever is invited gets a link from you, good once, and stands here until it is used.
    </EmptyState>
  );
}
