import { useEffect, useRef, useState, type FormEvent } from "react";
import { newKey } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";

export interface FormWork {
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly clear: () => void;
}

/**
 * Sends a form once at a time. The key is the same until the content changes: what is sent again after a
 * doubt is the same ask. What the server finds wrong is in `problem`, and the first wrong field gets the focus.
 */
export function useFormWork(
  send: (key: string, form: HTMLFormElement) => Promise<unknown>,
): FormWork {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const sent = useRef({ text: "", key: "" });
  const refused = useRef<HTMLFormElement>(null);
  // After the faults are drawn, however late that is: then there is a field that is marked wrong.
  useEffect(() => {
    if (problem) refused.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problem]);
  const work = async (form: HTMLFormElement): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    const text = JSON.stringify(fieldsOf(form));
    if (text !== sent.current.text) sent.current = { text, key: newKey() };
    try {
      await send(sent.current.key, form);
      sent.current = { text: "", key: "" };
    } catch (error) {
      refused.current = form;
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return {
    problem,
    isBusy,
    clear: () => setProblem(undefined),
    onSubmit(event) {
      event.preventDefault();
      if (!isBusy) void work(event.currentTarget);
    },
  };
}

/** All that was filled in, by name: texts, as the form has them. */
export function fieldsOf(form: HTMLFormElement): Record<string, string> {
  const fields = [...new FormData(form)];
  return Object.fromEntries(
    fields.filter((one): one is [string, string] => typeof one[1] === "string"),
  );
}

/** What stands in a text field, without blanks at its ends. */
export function textIn(form: HTMLFormElement, name: string): string {
  return fieldsOf(form)[name]?.trim() ?? "";
}
