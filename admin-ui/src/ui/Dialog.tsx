import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Button, IconButton } from "./Button.tsx";
import { ProblemNote } from "./ProblemNote.tsx";
import { classNames } from "./class-names.ts";

export interface DialogProps {
  readonly open: boolean;
  readonly title: string;
  /** By Esc, the cross, or a press beside it. Leave it out where the dialog has to be answered. */
  readonly onClose?: (() => void) | undefined;
  readonly wide?: boolean;
  readonly children: ReactNode;
  /** Buttons, the main one last. */
  readonly actions?: ReactNode;
}

const firstField = ":is(input, select, textarea):not([hidden], [readonly], [type=radio])";

/** The browser's own: it keeps the focus inside, and gives it back afterwards. */
export function Dialog({ open, title, onClose, wide = false, children, actions }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    if (!open || dialog.current?.open !== false) return;
    dialog.current.showModal();
    // The browser begins at the cross; who opens a form means its first field.
    dialog.current.querySelector<HTMLElement>(firstField)?.focus();
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      className={classNames(
        "m-auto w-full rounded-lg border bg-panel p-0 text-ink shadow-float",
        "max-h-[min(85dvh,48rem)] max-w-[calc(100vw-24px)]",
        wide ? "sm:w-[44rem]" : "sm:w-[30rem]",
      )}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose?.();
      }}
    >
      <div className="flex max-h-[inherit] flex-col">
        <header className="flex items-center gap-3 px-5 pt-4 pb-1">
          <h2 id={titleId} className="flex-1 text-lg font-semibold">
            {title}
          </h2>
          {onClose && <IconButton label="Close" icon="close" size="small" onClick={onClose} />}
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-5 py-3">{children}</div>
        {actions !== undefined && (
          <footer className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">{actions}</footer>
        )}
      </div>
    </dialog>
  );
}

export interface ConfirmProps {
  readonly open: boolean;
  readonly title: string;
  /** What will be different, naming the thing. */
  readonly children: ReactNode;
  /** A verb: "Revoke key". */
  readonly action: string;
  readonly danger?: boolean;
  /** Has to be typed first, for what cannot be undone. */
  readonly typed?: string;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before, stays open with what went wrong, and closes when it is done. */
export function ConfirmDialog(props: ConfirmProps) {
  if (!props.open) return null;
  return <Confirm {...props} />;
}

function Confirm({
  title,
  children,
  action,
  danger = false,
  typed,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const [text, setText] = useState("");
  const inputId = useId();
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const reason = typed !== undefined && text !== typed ? `Type ${typed} first.` : undefined;
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button
        look={danger ? "danger" : "primary"}
        busy={isBusy}
        disabledReason={reason}
        onClick={() => void confirm()}
      >
        {action}
      </Button>
    </>
  );
  return (
    <Dialog open title={title} onClose={onClose} actions={actions}>
      <div className="flex flex-col gap-3">
        {children}
        {typed !== undefined && (
          <div className="flex flex-col gap-1">
            <label htmlFor={inputId}>
              Type <b>{typed}</b> to go on
            </label>
            <input
              id={inputId}
              className="control"
              autoComplete="off"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
        )}
        {error !== undefined && <ProblemNote error={error} />}
      </div>
    </Dialog>
  );
}
