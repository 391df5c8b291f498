import { useId, type ReactNode } from "react";
import { Button, type ButtonProps } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import type { FormWork } from "./forms.ts";
import { ProblemNote } from "./ProblemNote.tsx";

/** A form in a dialog. It stays with what was typed until the server has taken it. */
export function FormDialog({
  title,
  action,
  work,
  onClose,
  wide = false,
  look = "primary",
  disabledReason,
  children,
}: {
  readonly title: string;
  /** A verb: "Create the item". */
  readonly action: string;
  readonly work: FormWork;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly look?: ButtonProps["look"];
  readonly disabledReason?: string | undefined;
  readonly children: ReactNode;
}) {
  const id = useId();
  const { problem, isBusy, onSubmit } = work;
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button
        look={look ?? "primary"}
        type="submit"
        form={id}
        busy={isBusy}
        disabledReason={disabledReason}
      >
        {action}
      </Button>
    </>
  );
  return (
    <Dialog open title={title} onClose={onClose} actions={actions} wide={wide}>
      <form id={id} className="flex flex-col gap-4" onSubmit={onSubmit} noValidate>
        {children}
        {problem && problem.errors.length === 0 && <ProblemNote error={problem} />}
      </form>
    </Dialog>
  );
}
