import { useId, useState, type FormEvent, type ReactNode } from "react";
import { withChosen, type Finding } from "../api/use-finding.ts";
import { Button, IconButton } from "./Button.tsx";
import { Input, Select } from "./Field.tsx";
import { FindInput } from "./FindInput.tsx";
import { textIn } from "./forms.ts";

export interface ActiveFilter {
  readonly label: string;
  readonly value: ReactNode;
  readonly onRemove: () => void;
}

/** What a list is narrowed to. The filters in use stand beside the button; the fields come when asked for. */
export function FilterBar({
  active,
  onClear,
  start,
  end,
  children,
}: {
  readonly active: readonly ActiveFilter[];
  readonly onClear: () => void;
  /** Before the button: the filter that everybody uses. */
  readonly start?: ReactNode;
  readonly end?: ReactNode;
  /** The fields. */
  readonly children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <section aria-label="Filters" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        {start}
        <Button
          icon="filter"
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          onClick={() => setOpen(!isOpen)}
        >
          Filter
        </Button>
        {active.map(({ label, value, onRemove }) => (
          <span
            key={label}
            className="inline-flex h-8 max-w-full items-center gap-1 rounded-md border bg-sunk ps-2.5 text-sm"
          >
            <span className="text-mute">{label}</span>
            <span className="max-w-52 truncate font-medium">{value}</span>
            <IconButton
              label={`Remove the filter ${label}`}
              icon="close"
              size="small"
              onClick={onRemove}
            />
          </span>
        ))}
        {active.length > 1 && (
          <Button look="quiet" onClick={onClear}>
            Clear all
          </Button>
        )}
        {end !== undefined && <div className="flex items-center gap-2 sm:ms-auto">{end}</div>}
      </div>
      {isOpen && (
        <div
          id={id}
          className="grid gap-x-4 gap-y-3 rounded-lg border bg-panel p-4 sm:grid-cols-2 lg:grid-cols-4"
        >
          {children}
        </div>
      )}
    </section>
  );
}

export interface FilterProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onSet: (value: string | undefined) => void;
  readonly hint?: string;
}

/** Counts when it is sent or left. */
export function TextFilter({ label, value, onSet, ...more }: FilterProps) {
  const set = (text: string): void => {
    const next = text.trim() || undefined;
    if (next !== value) onSet(next);
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    set(textIn(event.currentTarget, "text"));
  };
  return (
    <form onSubmit={onSubmit}>
      <Input
        key={value}
        label={label}
        name="text"
        autoComplete="off"
        defaultValue={value}
        onBlur={(event) => set(event.target.value)}
        {...more}
      />
    </form>
  );
}

/** One of the things that have names: with many, a text finds it. */
export function ThingFilter({
  finding,
  noun,
  ...props
}: FilterProps & {
  readonly finding: Finding<{ readonly id: string; readonly name: string }>;
  readonly noun: string;
}) {
  const { value } = props;
  const chosen = value === undefined ? [] : [value];
  const things = withChosen(finding.found ?? [], chosen, finding.nameOf);
  return (
    <div className="flex flex-col gap-1">
      <SelectFilter {...props} options={things.map(({ id, name }) => [id, name] as const)} />
      <FindInput finding={finding} noun={noun} />
    </div>
  );
}

export function SelectFilter({
  options,
  any = "Any",
  ...props
}: FilterProps & {
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly any?: string;
}) {
  const { label, value, onSet, hint } = props;
  // An id of the address that is not among the options is one of them meanwhile.
  const isKnown = value === undefined || options.some(([one]) => one === value);
  return (
    <Select
      label={label}
      value={value ?? ""}
      onChange={(event) => onSet(event.target.value || undefined)}
      {...(hint !== undefined && { hint })}
    >
      <option value="">{any}</option>
      {!isKnown && <option value={value}>{value}</option>}
      {options.map(([one, words]) => (
        <option key={one} value={one}>
          {words}
        </option>
      ))}
    </Select>
  );
}

/** A moment, in the reader's zone; kept as the API has it. */
export function TimeFilter({ label, value, onSet, ...more }: FilterProps) {
  return (
    <Input
      key={value}
      label={label}
      type="datetime-local"
      step={1}
      defaultValue={value === undefined ? "" : localOf(value)}
      onBlur={(event) => {
        const at = event.target.value === "" ? undefined : new Date(event.target.value);
        const next = at?.toISOString();
        if (next?.slice(0, 19) !== value?.slice(0, 19)) onSet(next);
      }}
      {...more}
    />
  );
}

function localOf(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
