import { z } from "zod";
import { FileFault, type CsvRow } from "./csv-reader.ts";
import { fieldsOf, type Field, type Kind } from "./fields.ts";

/** Which column of a file, or which value for all of its rows, fills which field. */

export const columnsMax = 100;
const names = z.string("must be a string").max(500, "must have 500 characters at most");

/** Field to header. */
export const columnsShape = z.record(z.string(), names);
/** Field to the text that every row has there. */
export const fixedShape = z.record(z.string(), names);

export interface Mapping {
  readonly columns: Readonly<Record<string, string>>;
  readonly fixed: Readonly<Record<string, string>>;
}

export interface Plan {
  readonly kind: Kind;
  readonly headers: readonly string[];
  readonly sources: readonly Source[];
}

export interface Source {
  readonly field: Field;
  /** As the header calls it; null: the value is fixed. */
  readonly column: string | null;
  /** The place of the cell, or the text of all rows. */
  readonly at: number | string;
}

export interface PlanFault {
  readonly field: string;
  readonly detail: string;
}

/** What is wrong with a header, whatever is made of its columns. */
export function faultOfHeaders(headers: readonly string[]): string | undefined {
  if (headers.length > columnsMax) {
    return `The header has ${headers.length} columns; ${columnsMax} are taken.`;
  }
  const empty = headers.findIndex((name) => name.trim() === "");
  if (empty >= 0) return `Column ${empty + 1} of the header has no name: the first row names them.`;
  const seen = new Set<string>();
  for (const name of headers) {
    if (seen.has(name.trim())) return `Two columns are called ${JSON.stringify(name.trim())}.`;
    seen.add(name.trim());
  }
  return undefined;
}

/** A plan, or why there is none: every fault at once. */
export function planOf(
  kind: Kind,
  headers: readonly string[],
  { columns, fixed }: Mapping,
): Plan | { readonly faults: readonly PlanFault[] } {
  const faults = [...faultsOfNames(kind, { columns, fixed })];
  const trimmed = headers.map((name) => name.trim());
  const sources: Source[] = [];
  for (const field of fieldsOf(kind)) {
    const column = columns[field.name]?.trim();
    const value = fixed[field.name];
    if (column !== undefined) {
      const at = trimmed.indexOf(column);
      if (at < 0) {
        const detail = `names the column ${JSON.stringify(column)}, which the file does not have`;
        faults.push({ field: field.name, detail });
      } else sources.push({ field, column, at });
    } else if (value !== undefined) sources.push({ field, column: null, at: value });
  }
  const filled = sources.map(({ field }) => field.decimalOf ?? field.name);
  const twice = filled.find((name, at) => filled.indexOf(name) !== at);
  if (twice !== undefined)
    faults.push({ field: twice, detail: "is filled twice: name one column" });
  for (const { name, required } of fieldsOf(kind)) {
    if (!required || filled.includes(name)) continue;
    const detail = "is required: name its column, or one value for all rows";
    if (!faults.some(({ field }) => field === name)) faults.push({ field: name, detail });
  }
  return faults.length > 0 ? { faults } : { kind, headers: trimmed, sources };
}

/** The plan of a file that is read; it may have another header than the one that was planned for. */
export function planFor(kind: Kind, { cells, fault }: CsvRow, mapping: Mapping): Plan {
  const wrong = fault === undefined ? faultOfHeaders(cells) : `The header ${fault}.`;
  if (wrong !== undefined) throw new FileFault("BAD_HEADER", wrong);
  const plan = planOf(kind, cells, mapping);
  if (!("faults" in plan)) return plan;
  const says = plan.faults.map(({ field, detail }) => `${field} ${detail}.`).join(" ");
  throw new FileFault("BAD_HEADER", says);
}

/** As an import's row keeps it. */
export function mappingOf(it: {
  readonly columns: string | null;
  readonly fixed: string | null;
}): Mapping {
  const read = (text: string | null) => JSON.parse(text ?? "{}") as Record<string, string>;
  return { columns: read(it.columns), fixed: read(it.fixed) };
}

function* faultsOfNames(kind: Kind, { columns, fixed }: Mapping): Generator<PlanFault> {
  const known = new Set(fieldsOf(kind).map(({ name }) => name));
  for (const field of new Set([...Object.keys(columns), ...Object.keys(fixed)])) {
    if (!known.has(field)) yield { field: field.slice(0, 100), detail: `is no field of ${kind}` };
    else if (Object.hasOwn(columns, field) && Object.hasOwn(fixed, field)) {
      yield { field, detail: "has both a column and a fixed value: name one" };
    }
  }
}
