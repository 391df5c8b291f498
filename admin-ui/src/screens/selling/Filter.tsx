import { useId, type ReactNode } from "react";

/** One filter above a list: what it is about, and what there is to choose. */
export function Filter({
  label,
  value,
  onChoose,
  children,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChoose: (value: string | undefined) => void;
  /** Options; the first has the value "". */
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex min-w-0 items-center gap-2">
      <label htmlFor={id} className="text-mute">
        {label}
      </label>
      <select
        id={id}
        className="control w-auto max-w-56"
        value={value ?? ""}
        onChange={(event) => onChoose(event.target.value || undefined)}
      >
        {children}
      </select>
    </div>
  );
}
