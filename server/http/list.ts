import type { Request, Response } from "express";
import { z } from "zod";
import type { Page } from "../db/page.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { readQueryBy } from "./query.ts";
import { sendJson } from "./send.ts";
import { words } from "./shapes.ts";

const limitDefault = 50;
const limitMax = 100;

const says = `must be a whole number from 1 to ${limitMax}`;

/** The two parameters that every list takes. */
export const pageQuery = z.object({
  limit: z
    .string(says)
    // Number() alone would admit "1e1", "0x10" and " 7 ".
    .regex(/^([1-9]\d?|100)$/, says)
    .transform(Number)
    .pipe(z.int().min(1).max(limitMax))
    .optional()
    .meta({ default: limitDefault, description: "How many to answer with at most." }),
  cursor: z
    .string()
    .optional()
    .meta({ description: "`nextCursor` of the page before; absent for the first page." }),
});

/** For lists of things that have names. */
export const searchField = words(100).optional().meta({
  description: "Those that have this in their name, in upper or lower case, or as their id.",
});

type PageQuery = z.output<typeof pageQuery>;

export function readPage(req: Request): Page {
  return pageOf(readQueryBy(req, pageQuery));
}

/** The same for a list that has more parameters, which its own route reads. */
export function pageOf({ cursor, ...query }: Pick<PageQuery, "limit" | "cursor">): Page {
  const limit = limitOf(query);
  return { limit, ...(cursor !== undefined && { after: readCursor(cursor) }) };
}

export function limitOf({ limit = limitDefault }: Pick<PageQuery, "limit">): number {
  return limit;
}

/** One more than a page holds tells whether there is another page. */
export async function sendList<Row extends { readonly createdAt: string }>(
  res: Response,
  { limit, ...page }: Page,
  read: (page: Page) => Promise<Row[]>,
  { idOf, shape }: { idOf: (row: Row) => string; shape: (row: Row) => object },
): Promise<void> {
  const rows = await read({ ...page, limit: limit + 1 });
  const data = rows.slice(0, limit);
  const last = rows.length > limit ? data.at(-1) : undefined;
  const nextCursor = last ? writeCursor({ createdAt: last.createdAt, id: idOf(last) }) : null;
  sendJson(res, 200, JSON.stringify({ data: data.map(shape), nextCursor }));
}
