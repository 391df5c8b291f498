import { useState } from "react";
import { useFinding, withChosen } from "../../api/use-finding.ts";
import { Choice } from "../../ui/Choice.tsx";
import { FindInput } from "../../ui/FindInput.tsx";

/** Any of them, or only those that are ticked: an empty list allows none. */
export function Allowed({
  label,
  name,
  chosen,
}: {
  readonly label: string;
  readonly name: "merchants" | "items";
  readonly chosen: readonly string[] | null;
}) {
  const [isSome, setSome] = useState(chosen !== null);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(chosen));
  const finding = useFinding<{ readonly id: string; readonly name: string }>(name);
  // What is ticked stays in the list, whatever is looked for: the form is read from it.
  const all = withChosen(finding.found ?? [], [...ticked], finding.nameOf);
  const tick = (id: string, isTicked: boolean): void => {
    const next = new Set(ticked);
    if (isTicked) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
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
      {isSome && <FindInput finding={finding} noun={name} />}
      {isSome && (
        <ul className="flex max-h-36 flex-col overflow-y-auto rounded-md border px-2.5 py-1">
          {all.map((one) => (
            <li key={one.id}>
              <Choice
                name={`${name}:${one.id}`}
                checked={ticked.has(one.id)}
                onChange={(event) => tick(one.id, event.target.checked)}
              >
                <span className="block truncate">{one.name}</span>
              </Choice>
            </li>
          ))}
          {all.length === 0 && !finding.isMany && (
            <li className="text-mute">There are none yet.</li>
          )}
        </ul>
      )}
    </fieldset>
  );
}
