import type { Request, Response } from "express";
import { z } from "zod";
import type { Page } from "../db/page.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { Problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { sendJson } from "./send.ts";

const limitDefault = 50;
const limitMax = 100;

const says = `must be a whole number from 1 to ${limitMax}`;

/** The parameters of every list, for the schema of its query. */
export const pageFields = {
  limit: z
    .string(says)
    .regex(/^([1-9]\d?|100)$/, says)
    .optional(),
  cursor: z.string().optional(),
};

export function limitOf({ limit }: { readonly limit?: string | undefined }): number {
  return limit === undefined ? limitDefault : Number(limit);
}

export function readPage(req: Request): Page {
  return pageOf(readQuery(req, ["limit", "cursor"]));
}

/** The same for a list that has more parameters, which its own route reads. */
export function pageOf({ limit, cursor }: { limit?: string; cursor?: string }): Page {
  const count = limit === undefined ? limitDefault : Number(limit);
  const isWritten = limit === undefined || /^[1-9]\d{0,2}$/.test(limit);
  if (!isWritten || count > limitMax) {
    const detail = `is not a whole number from 1 to ${limitMax}`;
    const errors = [{ pointer: "limit", code: "INVALID_VALUE", detail }];
    throw new Problem("VALIDATION_FAILED", `limit ${detail}.`, { errors });
  }
  return { limit: count, ...(cursor !== undefined && { after: readCursor(cursor) }) };
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
