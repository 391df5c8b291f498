import { useEffect, useRef } from "react";
import type { RunView } from "../../../../server/runs/wire.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { sayNow } from "../../ui/say.ts";
import { Tile } from "../../ui/Tile.tsx";
import type { Stamped } from "./use-frame.ts";
import { promises } from "../promises.ts";
import { whole, wrongIn, type Zeros } from "./words.ts";

export interface Checked {
  readonly zeros: Zeros;
  /** "0.2 s ago", "at the end" */
  readonly when: string;
}

/** The proof of the end where there is one, else the last that was taken on the way. */
export function checkedOf({ report }: RunView, { frame, at }: Stamped): Checked | undefined {
  if (report) return { zeros: report.invariants, when: "at the end" };
  const { proof } = frame;
  if (!proof) return undefined;
  const ageMs = proof.ageMs + performance.now() - at;
  const seconds = formatNumber(ageMs / 1_000, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return { zeros: proof, when: `${seconds} s ago` };
}

/** Four numbers that are zero. One that is not is told at once, to everybody. */
export function Promises({ checked }: { readonly checked: Checked | undefined }) {
  useAlarm(checked?.zeros);
  const isWrong = checked !== undefined && wrongIn(checked.zeros) > 0;
  return (
    <>
      {isWrong && <WhatToDo zeros={checked.zeros} />}
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {promises.map(({ name, label, rule }) => (
          <Tile
            key={name}
            label={label}
            value={checked ? whole(checked.zeros[name]) : "–"}
            tone={!checked ? "neutral" : checked.zeros[name] === 0 ? "ok" : "bad"}
            note={
              <span className="min-w-0">
                {rule}
                <span className="block">
                  {checked ? `checked ${checked.when}` : "not checked yet"}
                </span>
              </span>
            }
          />
        ))}
      </div>
    </>
  );
}

function useAlarm(zeros: Zeros | undefined): void {
  const told = useRef("");
  const wrong = promises
    .filter(({ name }) => zeros !== undefined && zeros[name] > 0)
    .map(({ name, label }) => `${label}: ${whole(zeros?.[name] ?? 0)}`)
    .join(", ");
  useEffect(() => {
    if (wrong !== "" && wrong !== told.current) sayNow(`Not zero. ${wrong}.`);
    told.current = wrong;
  }, [wrong]);
}

function WhatToDo({ zeros }: { readonly zeros: Zeros }) {
  const wrong = promises.filter(({ name }) => zeros[name] > 0);
  return (
    <section className="flex flex-col gap-2 rounded-lg border border-bad bg-bad/8 px-4 py-3">
      <h2 className="flex items-center gap-2 text-lg font-semibold text-bad">
        <Icon name="cross" size={18} />
        {wrong.map(({ name, label }) => `${label}: ${whole(zeros[name])}`).join(", ")}
      </h2>
      <p>
        This must not happen: what was promised is broken in the world of this run. Stop selling,
        keep the database as it is, and run the proof on the server. It prints every row that breaks
        a rule.
      </p>
      <CodeBlock code="npm run -s zerorace -- prove" label="command" />
    </section>
  );
}
