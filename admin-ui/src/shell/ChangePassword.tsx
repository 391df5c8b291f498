import { post } from "../api/client.ts";
import { setSession, useSession, type SessionView } from "../api/session.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Input } from "../ui/Field.tsx";
import { fieldsOf, useFormWork } from "../ui/forms.ts";
import { ProblemNote } from "../ui/ProblemNote.tsx";
import { note } from "../ui/say.ts";

export function ChangePassword({ onClose }: { readonly onClose: () => void }) {
  const { email } = useSession().person;
  const work = useFormWork(async (_key, form) => {
    setSession(await post<SessionView>("/v1/session/password", fieldsOf(form)));
    note("The password is changed.");
    onClose();
  });
  const { problem } = work;
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="primary" type="submit" form="change-password" busy={work.isBusy}>
        Change it
      </Button>
    </>
  );
  return (
    <Dialog open title="Change the password" onClose={onClose} actions={actions}>
      <form
        id="change-password"
        className="flex flex-col gap-4"
        onSubmit={work.onSubmit}
        noValidate
      >
        <p>Your other sessions end.</p>
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <Input
          label="Your password now"
          name="currentPassword"
          type="password"
          autoComplete="current-password"
          pointer="/currentPassword"
          problem={problem}
        />
        <Input
          label="New password"
          name="newPassword"
          type="password"
          autoComplete="new-password"
          hint="12 characters or more. Some words in a row are good."
          pointer="/newPassword"
          problem={problem}
        />
        {problem && problem.errors.length === 0 && <ProblemNote error={problem} />}
      </form>
    </Dialog>
  );
}
