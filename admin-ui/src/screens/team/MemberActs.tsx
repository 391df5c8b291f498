import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { MemberView, RecoveryView } from "../../../../server/people/wire.ts";
import { post } from "../../api/client.ts";
import { useSession } from "../../api/session.ts";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { useFormWork } from "../../ui/forms.ts";
import { note } from "../../ui/say.ts";
import { RoleSelect } from "./Invite.tsx";
import { PassOn, type Passed } from "./PassOn.tsx";
import type { Role } from "./words.ts";

export type MemberActName = "role" | "recovery" | "sign-out" | "remove";

interface Act {
  readonly person: MemberView;
  readonly onDone: (says: string) => void;
  readonly onClose: () => void;
}

export function MemberAct({ name, ...act }: Act & { readonly name: MemberActName }) {
  switch (name) {
    case "role":
      return <ChangeRole {...act} />;
    case "recovery":
      return <Recovery {...act} />;
    case "sign-out":
      return <SignOut {...act} />;
    case "remove":
      return <Remove {...act} />;
  }
}

function ChangeRole({ person, onDone, onClose }: Act) {
  const [role, setRole] = useState<Role>(person.role);
  const work = useFormWork(async () => {
    await post(`/v1/people/${person.id}/role`, { role });
    onDone(`${person.name} is ${role} now, with the next request.`);
    onClose();
  });
  const same = role === person.role ? `${person.name} has this role already.` : undefined;
  return (
    <FormDialog
      title={`Change the role of ${person.name}`}
      action="Change the role"
      work={work}
      onClose={onClose}
      disabledReason={same}
    >
      <RoleSelect role={role} onSet={setRole} problem={work.problem} />
      {person.role === "owner" && (
        <p>Who is no owner any more loses the links that he or she has passed on.</p>
      )}
    </FormDialog>
  );
}

/** The old password works until the link is used. */
function Recovery({ person, onClose }: Act) {
  const [passed, setPassed] = useState<Passed>();
  const work = useFormWork(async () => {
    const { link, expiresAt } = await post<RecoveryView>("/v1/recoveries", { personId: person.id });
    setPassed({
      title: `A recovery link for ${person.name}`,
      says: `Pass it on by a way that only ${person.name} reads: whoever opens it sets the password.`,
      link,
      expiresAt,
    });
  });
  if (passed) return <PassOn passed={passed} onClose={onClose} />;
  return (
    <FormDialog
      title={`A link for ${person.name} to set a new password?`}
      action="Make the link"
      work={work}
      onClose={onClose}
    >
      <p>
        The password of now works until the link is used. Then it is the new one, and all sessions
        of {person.name} end.
      </p>
    </FormDialog>
  );
}

function SignOut({ person, onDone, onClose }: Act) {
  const isOwn = useSession().person.id === person.id;
  const confirm = async (): Promise<void> => {
    const { ended } = await post<{ ended: number }>(`/v1/people/${person.id}/sign-out`, {});
    const says = ended === 1 ? "1 session has ended." : `${ended} sessions have ended.`;
    onDone(`${person.name} is signed out: ${says}`);
  };
  return (
    <ConfirmDialog
      open
      title={`Sign ${person.name} out everywhere?`}
      action="End the sessions"
      danger
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>
        Within a second every browser in which {person.name} has signed in asks for the password
        again. The password stays; if a stranger may know it, make a recovery link, too.
      </p>
      {isOwn && <p>You are signed out here as well.</p>}
    </ConfirmDialog>
  );
}

function Remove({ person, onClose }: Act) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const confirm = async (): Promise<void> => {
    await post(`/v1/people/${person.id}/remove`, {});
    note(`${person.name} is removed.`);
    await navigate({ to: "/team" });
    queries.removeQueries({ queryKey: ["people", person.id] });
    await queries.invalidateQueries({ queryKey: ["people"] });
  };
  return (
    <ConfirmDialog
      open
      title={`Remove ${person.name}?`}
      action="Remove the person"
      danger
      typed={person.email}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>
        The account ends with all its sessions, and the links that {person.name} has passed on. API
        keys go on working, and the audit log goes on naming who it was. To come back, {person.name}{" "}
        needs a new invitation.
      </p>
    </ConfirmDialog>
  );
}
