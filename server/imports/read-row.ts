import { digitsOf } from "../base/currency.ts";
import { holdsSecret, withoutSecrets } from "../base/log.ts";
import { faultsOf } from "../http/body.ts";
import { itemBody, type NewItemBody } from "../http/new-item.ts";
import { mandateBody, type MandateBody } from "../http/new-mandate.ts";
import type { CsvRow } from "./csv-reader.ts";
import type { Plan, Source } from "./plan.ts";

/** A row of a file as POST /v1/items or /v1/mandates would take it, by the very same schema. */

export interface RowFault {
  /** As the header calls it; null: it is about the row, or about what is fixed for all. */
  readonly column: string | null;
  readonly code: string;
  readonly detail: string;
}

/** With its cells, as they stood there. */
export interface BadRow {
  readonly row: number;
  readonly line: number;
  readonly cells: readonly string[];
  readonly faults: readonly RowFault[];
}

export interface GoodRow {
  readonly row: number;
  readonly line: number;
  readonly cells: readonly string[];
  readonly made: Made;
}

export type Made =
  | { readonly kind: "items"; readonly body: NewItemBody }
  | { readonly kind: "mandates"; readonly body: MandateBody };

/** A file has a long tail of things that few buy: slices can be added to any of them later. */
const bucketsDefault = 8;

export function readRow(plan: Plan, csv: CsvRow): GoodRow | BadRow {
  const { row, line } = csv;
  const cells = csv.cells.map(withoutSecrets);
  const bad = (faults: readonly RowFault[]): BadRow => ({ row, line, cells, faults });
  const fault = (code: string, detail: string) => bad([{ column: null, code, detail }]);
  if (csv.fault !== undefined) return fault("BAD_ROW", csv.fault);
  const { length } = plan.headers;
  if (csv.cells.length !== length) {
    return fault("BAD_ROW", `has ${csv.cells.length} cells where the header has ${length}`);
  }
  const leaking = csv.cells.findIndex(holdsSecret);
  if (leaking >= 0) {
    const column = plan.headers[leaking] ?? null;
    return bad([
      { column, code: "API_KEY_IN_BODY", detail: "holds an API key or a token: revoke it" },
    ]);
  }
  const body = bodyOf(plan, csv.cells);
  const read = plan.kind === "items" ? itemBody.safeParse(body) : mandateBody.safeParse(body);
  if (!read.success) return bad(faultsIn(plan, body, read.error));
  const whole = { ...read.data, buckets: read.data.buckets ?? bucketsDefault };
  return { row, line, cells, made: { kind: plan.kind, body: whole } as Made };
}

export function isBad(row: GoodRow | BadRow): row is BadRow {
  return "faults" in row;
}

function bodyOf({ sources }: Plan, cells: readonly string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const texts = sources.map((source) => ({ ...source, text: textOf(source, cells) }));
  const currency = texts.find(({ field }) => field.name === "currency")?.text ?? "";
  for (const { field, text } of texts) {
    // An empty cell says nothing.
    if (text === "") continue;
    if (field.cell === "decimal") body[field.decimalOf ?? field.name] = minorOf(text, currency);
    else if (field.cell === "whole") body[field.name] = wholeOf(text);
    else if (field.cell === "list") body[field.name] = text.split(/[\s,;|]+/).filter(Boolean);
    else body[field.name] = text;
  }
  return body;
}

function textOf({ at }: Source, cells: readonly string[]): string {
  return (typeof at === "string" ? at : (cells[at] ?? "")).trim();
}

/** What is no number stays a text, and the schema says so. */
function wholeOf(text: string): number | string {
  return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
}

/** Half of the world writes 19,99. Of three decimals a comma may as well part the thousands: not read. */
function minorOf(text: string, currency: string): number | string {
  const [, units = "", sign, rest = ""] = /^(\d{1,15})(?:([.,])(\d{1,4}))?$/.exec(text) ?? [];
  const digits = digitsOf(currency);
  if (units === "" || digits === undefined || rest.length > digits) return text;
  if (sign === "," && digits > 2) return text;
  return Number(units + rest.padEnd(digits, "0"));
}

function faultsIn(
  { sources }: Plan,
  body: Readonly<Record<string, unknown>>,
  error: Parameters<typeof faultsOf>[0],
): RowFault[] {
  const faults = new Map<string, RowFault>();
  for (const { pointer, detail } of faultsOf(error)) {
    const [, name = ""] = pointer.split("/");
    const source = sources.find(({ field }) => (field.decimalOf ?? field.name) === name);
    const isDecimal = source?.field.cell === "decimal" && /whole number/.test(detail);
    const ofDecimal = "must be an amount such as 19.99, in the currency's decimals";
    const ofValue = isDecimal ? ofDecimal : detail;
    const says = Object.hasOwn(body, name) ? ofValue : "must not be empty";
    const column = source?.column ?? null;
    const told = column === null ? `${name} ${says}` : says;
    if (!faults.has(name)) faults.set(name, { column, code: "INVALID_VALUE", detail: told });
  }
  return [...faults.values()];
}
