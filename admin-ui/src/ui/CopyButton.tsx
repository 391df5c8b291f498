import { useRef, useState } from "react";
import { IconButton, Button, type ButtonProps } from "./Button.tsx";
import { say } from "./say.ts";

/** Copies, and says so in its place for a moment. With `words` it shows them; else an icon alone. */
export function CopyButton({
  text,
  label = "Copy",
  words,
  look = "quiet",
  size = "small",
}: {
  readonly text: string;
  readonly label?: string;
  readonly words?: string;
  readonly look?: ButtonProps["look"];
  readonly size?: ButtonProps["size"];
}) {
  const [isDone, setDone] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setDone(true);
    say("Copied.");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(false), 2_000);
  };
  const icon = isDone ? "check" : "copy";
  const given = {
    look: look ?? "quiet",
    size: size ?? "small",
    icon,
    onClick: () => void copy(),
  } as const;
  if (words === undefined) return <IconButton {...given} label={isDone ? "Copied" : label} />;
  return <Button {...given}>{isDone ? "Copied" : words}</Button>;
}

/** Over plain HTTP from another machine there is no clipboard: then by way of a selection. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text).catch(() => undefined);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
