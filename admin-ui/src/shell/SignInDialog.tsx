import { useSyncExternalStore } from "react";
import { post } from "../api/client.ts";
import { setSession, useSessionIfAny, type SessionView } from "../api/session.ts";
import { answerAsking, isAsking, onAsking } from "../api/sign-in-again.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Input } from "../ui/Field.tsx";
import { fieldsOf, useFormWork } from "../ui/forms.ts";
import { ProblemNote } from "../ui/ProblemNote.tsx";

/** Over whatever page there is, when the session has ended: what was typed there stays, and is sent afterwards. */
export function SignInDialog() {
  const isOpen = useSyncExternalStore(onAsking, isAsking);
  const known = useSessionIfAny();
  if (!isOpen || !known) return null;
  return <Again known={known} />;
}

function Again({ known }: { readonly known: SessionView }) {
  const { email } = known.person;
  const work = useFormWork(async (_key, form) => {
    const session = await post<SessionView>("/v1/session", fieldsOf(form), { isWayIn: true });
    if (session.person.id !== known.person.id) {
      location.assign("/");
      return;
    }
    setSession(session);
    answerAsking(true);
  });
  const leave = (): void => {
    answerAsking(false);
    setSession(undefined);
    const to = location.pathname + location.search;
    location.assign(`/sign-in?${new URLSearchParams({ to })}`);
  };
  const actions = (
    <>
      <Button onClick={leave}>Sign in as somebody else</Button>
      <Button look="primary" type="submit" form="sign-in-again" busy={work.isBusy}>
        Sign in
      </Button>
    </>
  );
  return (
    <Dialog open title="Your session has ended" actions={actions}>
      <form id="sign-in-again" className="flex flex-col gap-4" onSubmit={work.onSubmit}>
        <p>Sign in again. What you have typed is still there, and goes on where it stopped.</p>
        <Input
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          defaultValue={email}
          readOnly
        />
        <Input
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          autoFocus
          pointer="/password"
          problem={work.problem}
        />
        {work.problem && <ProblemNote error={work.problem} />}
      </form>
    </Dialog>
  );
}
