import { useRouter } from "@tanstack/react-router";
import { useState, type InputHTMLAttributes, type ReactNode } from "react";
import { post } from "../../api/client.ts";
import { setSession, type SessionView } from "../../api/session.ts";
import { safePath } from "../../paths.ts";
import { Button } from "../../ui/Button.tsx";
import { Choice } from "../../ui/Choice.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Input, type FieldProps } from "../../ui/Field.tsx";
import { fieldsOf, useFormWork, type FormWork } from "../../ui/forms.ts";
import { ProblemNote } from "../../ui/ProblemNote.tsx";

/** Sends the form to one of the ways in; whoever comes through goes on into the console. */
export function useWayIn(path: string, extra: Record<string, string>, to?: string): FormWork {
  const router = useRouter();
  return useFormWork(async (_key, form) => {
    const body = { ...fieldsOf(form), ...extra };
    setSession(await post<SessionView>(path, body, { isWayIn: true }));
    await router.navigate({ to: safePath(to) as "/", replace: true });
  });
}

/** A heading, fields, one button; what the whole form is wrong with above the button. */
export function WayInForm({
  title,
  lead,
  work,
  action,
  children,
  after,
  remedy,
}: {
  readonly title: string;
  readonly lead: ReactNode;
  readonly work: FormWork;
  readonly action: string;
  readonly children: ReactNode;
  readonly after?: ReactNode;
  /** What to do about a link that is no longer good. */
  readonly remedy?: ReactNode;
}) {
  const { problem } = work;
  const isOfFields = problem !== undefined && problem.errors.length > 0;
  const isOfLink = problem?.code === "LINK_NOT_VALID" || problem?.code === "ALREADY_CLAIMED";
  return (
    <form className="flex flex-col gap-5" onSubmit={work.onSubmit} noValidate>
      <div className="flex flex-col gap-1">
        <h1 tabIndex={-1} className="text-2xl font-semibold tracking-tight">
          {title}
        </h1>
        <p className="wrap-anywhere text-mute">{lead}</p>
      </div>
      {children}
      {problem && !isOfFields && <ProblemNote error={problem} />}
      {isOfLink && remedy}
      <Button look="primary" size="large" type="submit" busy={work.isBusy}>
        {action}
      </Button>
      {after}
    </form>
  );
}

/** A password, which can be looked at, pasted, and made by a password manager. */
export function PasswordInput(props: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const [isShown, setShown] = useState(false);
  return (
    <div className="flex flex-col gap-1.5">
      <Input {...props} name="password" type={isShown ? "text" : "password"} />
      <Choice
        className="self-start text-sm text-mute"
        checked={isShown}
        onChange={(event) => setShown(event.target.checked)}
      >
        Show the password
      </Choice>
    </div>
  );
}

/** Behind the #, which no browser sends on: the token is read by this page alone. */
export function tokenInLink(): string {
  return location.hash.slice(1);
}

/** A command that whoever runs the server can use. */
export function Remedy({ says, command }: { readonly says: string; readonly command: string }) {
  return (
    <div className="flex flex-col gap-2">
      <p>{says}</p>
      <CodeBlock code={command} label="command" />
    </div>
  );
}
