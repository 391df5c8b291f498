import { useId } from "react";
import { classNames } from "./class-names.ts";

/** One of a few, all of them in sight. */
export function Segments({
  label,
  options,
  value,
  onSet,
}: {
  readonly label: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly value: string;
  readonly onSet: (value: string) => void;
}) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex rounded-md border bg-sunk p-0.5"
    >
      {options.map(([one, words]) => (
        <label
          key={one}
          className={classNames(
            "relative inline-flex h-7 cursor-pointer items-center rounded-sm px-2.5 whitespace-nowrap",
            "has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            one === value ? "bg-panel font-medium shadow-sm" : "text-mute hover:text-ink",
          )}
        >
          <input
            type="radio"
            name={name}
            className="absolute inset-0 cursor-pointer opacity-0"
            checked={one === value}
            onChange={() => onSet(one)}
          />
          {words}
        </label>
      ))}
    </div>
  );
}
