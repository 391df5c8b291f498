import type { Db } from "../db/open.ts";
import {
  fourNumbers,
  holds,
  prove,
  type Counterexample,
  type Finding,
  type Proof,
} from "./prove.ts";

export interface ProveCommand {
  readonly json?: boolean;
  readonly tenantId?: string | undefined;
}

/** What `zerorace prove` prints; not ok means exit code 1. */
export async function proveCommand(
  db: Db,
  { json = false, tenantId }: ProveCommand = {},
): Promise<{ text: string; ok: boolean }> {
  const proof = await prove(db, { tenantId });
  return { text: json ? proofAsJson(proof) : proofAsText(proof), ok: holds(proof) };
}

/** Sums may be larger than a JSON number can say, so they travel as decimal strings. */
export function proofAsJson(proof: Proof): string {
  const { at, tenantId, ms, findings } = proof;
  const whole = { holds: holds(proof), at, tenantId, ms, ...fourNumbers(proof), findings };
  return JSON.stringify(whole, bigintAsText, 2);
}

const bigintAsText = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

export function proofAsText(proof: Proof): string {
  const broken = proof.findings.filter(({ count }) => count > 0);
  const lines = [
    `${proof.tenantId === null ? "All tenants" : `Tenant ${proof.tenantId}`} at ${cell(proof.at)}`,
    "",
    ...summary(proof.findings),
    "",
    broken.length === 0
      ? `All ${proof.findings.length} hold, in ${Math.round(proof.ms)} ms.`
      : `${broken.length} of ${proof.findings.length} BROKEN, in ${Math.round(proof.ms)} ms.`,
    ...broken.flatMap(details),
  ];
  return lines.join("\n") + "\n";
}

function summary(findings: readonly Finding[]): string[] {
  const rows = findings.map(({ name, count, says }) => [
    count === 0 ? "ok" : "BROKEN",
    name,
    String(count),
    says,
  ]);
  return aligned(rows, new Set([2]));
}

function details(finding: Finding): string[] {
  const { name, count, counterexamples } = finding;
  const shown = counterexamples.length;
  const more = shown < count ? `, ${shown} of them shown` : "";
  const tables = [...byShape(counterexamples).values()].map(table);
  return [
    "",
    `${name}: ${count} ${count === 1 ? "counterexample" : "counterexamples"}${more}`,
  ].concat(tables.flatMap((rows) => ["", ...rows]));
}

/** The clauses of an invariant may have different columns: a table for each set. */
function byShape(rows: readonly Counterexample[]): Map<string, Counterexample[]> {
  return Map.groupBy(rows, (row) => Object.keys(row).join());
}

function table(rows: readonly Counterexample[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  return aligned([columns, ...cells], new Set()).map((line) => `  ${line}`);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") return String(value);
  return typeof value === "string" ? value : JSON.stringify(value, bigintAsText);
}

function aligned(rows: readonly (readonly string[])[], toTheRight: ReadonlySet<number>): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((text, index) => (widths[index] = Math.max(widths[index] ?? 0, text.length)));
  }
  return rows.map((row) =>
    row
      .map((text, index) => {
        const width = widths[index] ?? 0;
        return toTheRight.has(index) ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
