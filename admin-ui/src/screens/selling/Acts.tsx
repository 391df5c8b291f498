import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { newKey, post } from "../../api/client.ts";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Input } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { useFormWork } from "../../ui/forms.ts";
import { Reading } from "../../ui/reading.ts";

/** What items and mandates have in common: commands that every sale must notice. */

export interface ActDialog {
  /** What was done, in words. */
  readonly onDone: (says: string) => void;
  readonly onClose: () => void;
}

interface Sent<View> {
  readonly send: (verb: string, body: object, idempotencyKey: string) => Promise<View>;
}

export function useCommandOf<View>(noun: "items" | "mandates", id: string): Sent<View>["send"] {
  const queries = useQueryClient();
  return async (verb, body, idempotencyKey) => {
    const after = await post<View>(`/v1/${noun}/${id}/${verb}`, body, { idempotencyKey });
    await queries.invalidateQueries({ queryKey: [noun] });
    return after;
  };
}

interface Bucketed {
  readonly name: string;
  readonly buckets: number;
}

export function Reshard({
  what,
  thing,
  send,
  children,
  onDone,
  onClose,
}: ActDialog &
  Sent<Bucketed> & {
    readonly what: "stock" | "money";
    readonly thing: Bucketed;
    /** When to take more of them, and when fewer. */
    readonly children: ReactNode;
  }) {
  const work = useFormWork(async (key, form) => {
    const read = new Reading(form);
    const body = { buckets: read.whole("buckets") };
    read.check();
    const { buckets } = await send("reshard", body, key);
    onDone(`The ${what} lies in ${buckets === 1 ? "1 bucket" : `${buckets} buckets`} now.`);
    onClose();
  });
  return (
    <FormDialog
      title={`Reshard the ${what} of ${thing.name}`}
      action="Reshard"
      work={work}
      onClose={onClose}
    >
      <p>Sales go on meanwhile. {children}</p>
      <Input
        label="Buckets"
        name="buckets"
        autoFocus
        inputMode="numeric"
        autoComplete="off"
        defaultValue={thing.buckets}
        hint="1 to 256."
        pointer="/buckets"
        problem={work.problem}
      />
    </FormDialog>
  );
}

/** A command that only has to be confirmed; it keeps its key while it is sent again. */
export function ConfirmAct({
  verb,
  title,
  action,
  danger = false,
  done,
  send,
  children,
  onDone,
  onClose,
}: ActDialog &
  Sent<unknown> & {
    readonly verb: string;
    readonly title: string;
    readonly action: string;
    readonly danger?: boolean;
    readonly done: string;
    readonly children: ReactNode;
  }) {
  const [key] = useState(newKey);
  return (
    <ConfirmDialog
      open
      title={title}
      action={action}
      danger={danger}
      onClose={onClose}
      onConfirm={async () => {
        await send(verb, {}, key);
        onDone(done);
      }}
    >
      <p>{children}</p>
    </ConfirmDialog>
  );
}
