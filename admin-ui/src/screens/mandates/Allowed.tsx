import { useState } from "react";
import { shortId } from "../selling/things.ts";

interface Known {
  readonly id: string;
  readonly name: string;
}

/** Any of them, or only those that are ticked: an empty list allows none. */
export function Allowed({
  label,
  name,
  known = [],
  chosen,
}: {
  readonly label: string;
  readonly name: string;
  readonly known?: readonly Known[] | undefined;
  readonly chosen: readonly string[] | null;
}) {
  const [isSome, setSome] = useState(chosen !== null);
  // What is allowed now stays in the list, though it is none of the newest hundred.
  const others = (chosen ?? []).filter((id) => !known.some((one) => one.id === id));
  const all = [...known, ...others.map((id) => ({ id, name: shortId(id) }))];
  const which = (value: "any" | "some", words: string) => (
    <label className="flex items-center gap-2">
      <input
        type="radio"
        name={`${name}-which`}
        value={value}
        checked={isSome === (value === "some")}
        onChange={() => setSome(value === "some")}
        className="size-4 accent-accent"
      />
      {words}
    </label>
  );
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1 font-medium">{label}</legend>
      <div className="flex gap-4">
        {which("any", "Any")}
        {which("some", "Only these")}
      </div>
      {isSome && (
        <ul className="flex max-h-36 flex-col gap-1 overflow-y-auto rounded-md border px-2.5 py-1.5">
          {all.map((one) => (
            <li key={one.id}>
              <label className="flex min-h-6 items-center gap-2">
                <input
                  type="checkbox"
                  name={`${name}:${one.id}`}
                  defaultChecked={chosen?.includes(one.id) ?? false}
                  className="size-4 shrink-0 accent-accent"
                />
                <span className="min-w-0 truncate">{one.name}</span>
              </label>
            </li>
          ))}
          {all.length === 0 && <li className="text-mute">There are none yet.</li>}
        </ul>
      )}
    </fieldset>
  );
}
