import type { Response } from "express";
import { z } from "zod";
import { sendStream } from "./send.ts";

/** `?format=csv` asks for a whole list as one file, where a list can be had so. */
export const formatField = z.enum(["json", "csv"], "must be json or csv").optional();

/** `decimal`: a number that stands as it is written. */
export type Cell = string | number | null | { readonly decimal: string };

/** A text that a spreadsheet would run as a formula. */
const formula = /^[=+\-@\t\r]/;

/** As RFC 4180 has it. A number stays one; a text never becomes a formula. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: Cell): string {
  if (typeof cell === "number" || cell === null) return String(cell ?? "");
  if (typeof cell === "object") return cell.decimal;
  const text = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Page after page; each is read when the client has taken the one before. */
export async function sendCsv(
  res: Response,
  { name, columns }: { readonly name: string; readonly columns: readonly string[] },
  pages: AsyncIterable<readonly (readonly Cell[])[]>,
): Promise<void> {
  const parts = async function* (): AsyncGenerator<string> {
    let text = csvLine(columns);
    for await (const rows of pages) {
      text += rows.map(csvLine).join("");
      if (text !== "") yield text;
      text = "";
    }
    if (text !== "") yield text;
  };
  await sendStream(res, parts(), [
    "Content-Type",
    "text/csv; charset=utf-8; header=present",
    "Content-Disposition",
    `attachment; filename="${name}.csv"`,
  ]);
}
