import { z } from "zod";
import { Problem } from "./problem.ts";

/** Where a page of a list ended; `createdAt` as the database wrote it, to the microsecond. */
export interface Cursor {
  readonly createdAt: string;
  readonly id: string;
}

export function writeCursor({ createdAt, id }: Cursor): string {
  return Buffer.from(`${createdAt}|${id}`).toString("base64url");
}

/** No zone is further from UTC than PostgreSQL takes one to be. */
const form =
  /^([12]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-](?:0\d|1[0-5])(?::\d\d)?)\|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const time = z.iso.datetime({ offset: true });

/** Only what `writeCursor` writes: anything else would fail in the database, or mean something else. */
export function readCursor(text: string): Cursor {
  const [, createdAt, id] = form.exec(Buffer.from(text, "base64url").toString("latin1")) ?? [];
  if (createdAt === undefined || id === undefined) throw new Problem("BAD_CURSOR");
  const cursor = { createdAt, id };
  if (writeCursor(cursor) !== text || !time.safeParse(isoOf(createdAt)).success) {
    throw new Problem("BAD_CURSOR");
  }
  return cursor;
}

/** The database's way of writing a time: `2026-11-20 15:47:00.5+00`. */
const isoOf = (text: string): string => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");

/** As all times of the public API are: in UTC, to the millisecond. */
export function rfc3339(text: string): string {
  return new Date(isoOf(text)).toISOString();
}
