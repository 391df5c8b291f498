import type { Finding } from "../api/use-finding.ts";

/** Above a picker that cannot show all: finds any of them by its name. With few there is nothing to find. */
export function FindInput({
  finding: { found, isMany, text, setText },
  noun,
}: {
  readonly finding: Finding<unknown>;
  /** As in "merchants". */
  readonly noun: string;
}) {
  if (!isMany) return null;
  const label = `Find among the ${noun}`;
  return (
    <div className="flex flex-col gap-1">
      <input
        type="search"
        className="control"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          // It is no field of the form around it.
          if (event.key === "Enter") event.preventDefault();
        }}
      />
      <p role="status" className="text-sm text-mute">
        {text === ""
          ? "The newest hundred are shown."
          : found?.length === 0
            ? "Nothing is called so."
            : ""}
      </p>
    </div>
  );
}
