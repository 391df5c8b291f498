import { CopyButton } from "./CopyButton.tsx";

/** An id, whole, to be read and copied. */
export function IdText({
  id,
  label = "Copy the id",
}: {
  readonly id: string;
  readonly label?: string;
}) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <code className="font-mono text-xs break-all">{id}</code>
      <CopyButton text={id} label={label} />
    </span>
  );
}
