import type { MandateView } from "../../../../server/mandates/wire.ts";
import type { Problem } from "../../api/problem.ts";
import { AmountInput } from "../../ui/AmountInput.tsx";
import { Input, type FieldProps } from "../../ui/Field.tsx";
import { decimalOf } from "../../ui/format.ts";
import type { Reading } from "../../ui/reading.ts";
import { Allowed } from "./Allowed.tsx";

const limits = [
  ["purchaseMaxMinor", "One purchase"],
  ["dayLimitMinor", "A day"],
  ["weekLimitMinor", "A week"],
  ["monthLimitMinor", "A month"],
] as const;

const zones = Intl.supportedValuesOf("timeZone");

interface RulesProps {
  readonly currency: string;
  readonly problem: Problem | undefined;
  /** As they are; none for a new one. */
  readonly rules?: MandateView | undefined;
}

/** All the rules. What is left empty is no rule. */
export function RulesFields({ currency, problem, rules }: RulesProps) {
  const at = (name: string, more: Partial<FieldProps> = {}) => ({
    name,
    optional: true,
    autoComplete: "off",
    pointer: `/${name}`,
    problem,
    ...more,
  });
  return (
    <>
      <Limits currency={currency} problem={problem} rules={rules} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Input
          {...at("timeZone", { hint: "Where days, weeks and months begin." })}
          label="Time zone"
          list="time-zones"
          placeholder="UTC"
          defaultValue={rules?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone}
        />
        <Input
          {...at("agentId", { hint: "The one agent that may spend; empty: any." })}
          label="Agent"
          placeholder="agent-7"
          defaultValue={rules?.agentId ?? ""}
        />
        <Input
          {...at("startsAt", { hint: "By this device's clock." })}
          label="Counts from"
          type="datetime-local"
          step={1}
          defaultValue={localOf(rules?.startsAt ?? null)}
        />
        <Input
          {...at("expiresAt")}
          label="Ends"
          type="datetime-local"
          step={1}
          defaultValue={localOf(rules?.expiresAt ?? null)}
        />
        <Input
          {...at("duplicateWindowSeconds", {
            hint: "Seconds in which the same purchase by the same agent is taken for a mistake.",
          })}
          label="Duplicate window"
          inputMode="numeric"
          placeholder="none"
          defaultValue={rules?.duplicateWindowSeconds ?? ""}
        />
      </div>
      <datalist id="time-zones">
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <div className="grid gap-4 sm:grid-cols-2">
        <Allowed label="Merchants" name="merchants" chosen={rules?.allowedMerchants ?? null} />
        <Allowed label="Items" name="items" chosen={rules?.allowedItems ?? null} />
      </div>
    </>
  );
}

function Limits({ currency, problem, rules }: RulesProps) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">Limits, in {currency}</legend>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        {limits.map(([name, label]) => {
          const minor = rules?.[name] ?? null;
          return (
            <AmountInput
              key={name}
              name={name}
              pointer={`/${name}`}
              problem={problem}
              label={label}
              currency={currency}
              placeholder="none"
              defaultValue={minor === null ? "" : decimalOf(minor, currency)}
            />
          );
        })}
      </div>
    </fieldset>
  );
}

/** The rules as the API takes them; a time that was not touched stays as it was, to the millisecond. */
export function readRules(read: Reading, currency: string, before?: MandateView) {
  const timeOf = (name: "startsAt" | "expiresAt"): string | undefined => {
    const text = read.text(name);
    const was = before?.[name] ?? null;
    if (text === undefined) return undefined;
    return was !== null && text === localOf(was) ? was : new Date(text).toISOString();
  };
  const allowed = (name: string): string[] | undefined =>
    read.text(`${name}-which`) === "some" ? read.checked(`${name}:`) : undefined;
  return {
    purchaseMaxMinor: read.amount("purchaseMaxMinor", currency),
    dayLimitMinor: read.amount("dayLimitMinor", currency),
    weekLimitMinor: read.amount("weekLimitMinor", currency),
    monthLimitMinor: read.amount("monthLimitMinor", currency),
    timeZone: read.text("timeZone"),
    agentId: read.text("agentId"),
    startsAt: timeOf("startsAt"),
    expiresAt: timeOf("expiresAt"),
    duplicateWindowSeconds: read.whole("duplicateWindowSeconds"),
    allowedMerchants: allowed("merchants"),
    allowedItems: allowed("items"),
  };
}

/** As an input of the browser has it: by the clock of this device, without a zone. */
function localOf(at: string | null): string {
  if (at === null) return "";
  const date = new Date(at);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
