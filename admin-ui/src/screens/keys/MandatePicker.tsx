import { useState } from "react";
import type { MandateView } from "../../../../server/mandates/wire.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useFinding, withChosen } from "../../api/use-finding.ts";
import { Choice } from "../../ui/Choice.tsx";
import { FindInput } from "../../ui/FindInput.tsx";

export interface MandateChoice {
  readonly chosen: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}

export function useMandateChoice(): MandateChoice {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return { chosen, toggle };
}

/** Mandates to bind a key to. What is chosen stays in sight, whatever is looked for next. */
export function MandatePicker({
  choice,
  fault,
}: {
  readonly choice: MandateChoice;
  readonly fault: string | undefined;
}) {
  const reason = useReasonAgainst("mandates:read");
  const finding = useFinding<MandateView>("mandates", {}, reason === undefined);
  const found = finding.found?.filter(({ state }) => state !== "revoked") ?? [];
  const mandates = withChosen(found, [...choice.chosen], finding.nameOf);
  return (
    <fieldset className="flex min-w-0 flex-col gap-1" aria-describedby="mandates-hint">
      <legend className="mb-1 font-medium">
        Mandates <span className="font-normal text-mute">(optional)</span>
      </legend>
      <FindInput finding={finding} noun="mandates" />
      {mandates.length > 0 && (
        <div className="max-h-40 overflow-y-auto rounded-md border px-2 py-1">
          {mandates.map(({ id, name }) => (
            <Choice
              key={id}
              name={`mandate:${id}`}
              checked={choice.chosen.has(id)}
              onChange={() => choice.toggle(id)}
            >
              <span className="flex items-baseline gap-2">
                <span className="truncate">{name}</span>
                <code className="ms-auto font-mono text-xs text-mute" title={id}>
                  …{id.slice(-6)}
                </code>
              </span>
            </Choice>
          ))}
        </div>
      )}
      {fault !== undefined && <p className="text-sm text-bad">Mandates: {fault}.</p>}
      <p id="mandates-hint" className="text-sm text-mute">
        {mandates.length === 0 && !finding.isMany
          ? (reason ?? "There is no mandate yet: the key spends from any that will be made.")
          : "With any, the key spends from these mandates alone."}
      </p>
    </fieldset>
  );
}
