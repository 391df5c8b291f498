import { useState } from "react";
import { Choice } from "../../ui/Choice.tsx";
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
    <Choice
      radio
      name={`${name}-which`}
      value={value}
      checked={isSome === (value === "some")}
      onChange={() => setSome(value === "some")}
    >
      {words}
    </Choice>
  );
  return (
    <fieldset className="flex min-w-0 flex-col gap-1">
      <legend className="font-medium">{label}</legend>
      <div className="flex gap-4">
        {which("any", "Any")}
        {which("some", "Only these")}
      </div>
      {isSome && (
        <ul className="flex max-h-36 flex-col overflow-y-auto rounded-md border px-2.5 py-1">
          {all.map((one) => (
            <li key={one.id}>
              <Choice name={`${name}:${one.id}`} defaultChecked={chosen?.includes(one.id) ?? false}>
                <span className="block truncate">{one.name}</span>
              </Choice>
            </li>
          ))}
          {all.length === 0 && <li className="text-mute">There are none yet.</li>}
        </ul>
      )}
    </fieldset>
  );
}
