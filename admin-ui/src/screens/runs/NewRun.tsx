import { useNavigate } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { RunLine, RunView } from "../../../../server/runs/wire.ts";
import { post } from "../../api/client.ts";
import type { Problem } from "../../api/problem.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Input } from "../../ui/Field.tsx";
import { classNames } from "../../ui/class-names.ts";
import { textIn, useFormWork } from "../../ui/forms.ts";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { estimateOf } from "./estimate.ts";
import {
  FaultFields,
  faultNames,
  faultsOf,
  useOfferedFaults,
  type FaultTexts,
} from "./FaultFields.tsx";
import type { RunsSearch } from "./search.ts";
import { curlOf, whole } from "./words.ts";

const sizes = [1_000, 10_000, 100_000, 1_000_000];
const names = ["agents", "units", "duplicatePercent", "seed", "mandates", "concurrency"] as const;
type SizeTexts = Readonly<Record<(typeof names)[number], string>>;
type Texts = SizeTexts & FaultTexts;

function textsOf(search: RunsSearch): Texts {
  const text = (value: number | undefined, otherwise = ""): string =>
    value === undefined ? otherwise : String(value);
  return {
    agents: text(search.new, "10000"),
    units: text(search.units, "100"),
    duplicatePercent: text(search.duplicates, "1"),
    seed: text(search.seed),
    mandates: text(search.mandates),
    concurrency: text(search.concurrency),
    ...faultsOf(search),
  };
}

/** As it was typed: the server says what is wrong with it. */
function bodyOf(texts: Texts): Record<string, unknown> {
  const valueOf = (text: string): unknown => (/^-?\d+$/.test(text) ? Number(text) : text);
  const some = (of: readonly (keyof Texts)[]): [string, unknown][] =>
    of
      .filter((name) => texts[name] !== "")
      .map((name) => [name, name === "homeAway" ? true : valueOf(texts[name])]);
  const faults = some(faultNames);
  return {
    ...Object.fromEntries(some(names)),
    ...(faults.length > 0 && { faults: Object.fromEntries(faults) }),
  };
}

export function NewRun({
  search,
  runs,
  onClose,
}: {
  readonly search: RunsSearch;
  readonly runs: readonly RunLine[];
  readonly onClose: () => void;
}) {
  const [texts, setTexts] = useState(() => textsOf(search));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const reason = useReasonAgainst("runs:write");
  const offered = useOfferedFaults();
  const formId = useId();
  const work = useFormWork(async (idempotencyKey, form) => {
    const all = [...names, ...faultNames];
    const typed = Object.fromEntries(all.map((name) => [name, textIn(form, name)])) as Texts;
    const run = await post<RunView>("/v1/runs", bodyOf(typed), { idempotencyKey });
    queries.setQueryData(["run", run.id], run);
    void queries.invalidateQueries({ queryKey: ["runs"] });
    await navigate({ to: "/runs/$id", params: { id: run.id }, replace: true });
  });
  const set = (name: keyof Texts, value: string): void =>
    setTexts((before) => ({ ...before, [name]: value }));
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button
        look="primary"
        icon="play"
        type="submit"
        form={formId}
        busy={work.isBusy}
        disabledReason={reason}
      >
        Start the run
      </Button>
    </>
  );
  return (
    <Dialog open title="New run" onClose={onClose} actions={actions}>
      <form id={formId} className="flex flex-col gap-4" onSubmit={work.onSubmit} noValidate>
        <Fields texts={texts} problem={work.problem} onSet={set} />
        {offered && (
          <FaultFields offered={offered} texts={texts} problem={work.problem} onSet={set} />
        )}
        <Estimate texts={texts} runs={runs} />
        {work.problem && <ProblemNote error={work.problem} />}
      </form>
    </Dialog>
  );
}

function Fields({
  texts,
  problem,
  onSet,
}: {
  readonly texts: SizeTexts;
  readonly problem: Problem | undefined;
  readonly onSet: (name: keyof SizeTexts, value: string) => void;
}) {
  const field = (name: keyof SizeTexts) => ({
    name,
    pointer: `/${name}`,
    problem,
    value: texts[name],
    inputMode: "numeric" as const,
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => onSet(name, event.target.value),
  });
  return (
    <>
      <p className="text-mute">
        Each agent wants one unit, all at once, by the kernel that everybody buys from. It happens
        in a world of its own: your stock and your money stay as they are.
      </p>
      <div className="flex flex-col gap-2">
        <Input label="Agents" {...field("agents")} />
        <Sizes chosen={texts.agents} onChoose={(size) => onSet("agents", String(size))} />
      </div>
      <div className="grid grid-cols-2 gap-4">
        <Input label="Units" {...field("units")} />
        <Input label="Ask twice, of a hundred" {...field("duplicatePercent")} />
      </div>
      <Input
        label="Seed"
        optional
        hint="The same seed and sizes: the same asks in the same order. Left empty, one is drawn."
        {...field("seed")}
      />
      <details open={texts.mandates !== "" || texts.concurrency !== ""}>
        <summary className="w-fit text-mute hover:text-ink">More</summary>
        <div className="mt-3 grid grid-cols-2 gap-4">
          <Input label="Mandates" optional hint="1,000, or one each." {...field("mandates")} />
          <Input label="At a time" optional hint="2,000 asks." {...field("concurrency")} />
        </div>
      </details>
    </>
  );
}

function Sizes({
  chosen,
  onChoose,
}: {
  readonly chosen: string;
  readonly onChoose: (size: number) => void;
}) {
  return (
    <div role="group" aria-label="Sizes" className="grid grid-cols-4 gap-2 max-sm:grid-cols-2">
      {sizes.map((size) => (
        <button
          key={size}
          type="button"
          aria-pressed={chosen === String(size)}
          className={classNames(
            "h-8 rounded-md border tabular-nums hover:bg-sunk",
            chosen === String(size) && "border-accent bg-accent/12 font-medium text-accent",
          )}
          onClick={() => onChoose(size)}
        >
          {whole(size)}
        </button>
      ))}
    </div>
  );
}

/** A key may not ask for faults: then there is no command to copy. */
function Estimate({ texts, runs }: { readonly texts: Texts; readonly runs: readonly RunLine[] }) {
  const [agents, duplicatePercent] = [Number(texts.agents), Number(texts.duplicatePercent)];
  const isKnown = agents >= 1 && agents <= 1_000_000 && duplicatePercent >= 0;
  const { says, basis } = isKnown
    ? estimateOf({ agents, duplicatePercent }, runs)
    : { says: "From 1 to 1,000,000 agents.", basis: "" };
  return (
    <div className="flex items-start gap-2 rounded-md bg-sunk px-3 py-2">
      <p className="min-w-0 flex-1">
        <output>{says}</output>
        {basis !== "" && <span className="block text-sm text-mute">{basis}</span>}
      </p>
      {faultNames.every((name) => texts[name] === "") && (
        <CopyButton text={curlOf(bodyOf(texts))} words="Copy as curl" />
      )}
    </div>
  );
}
