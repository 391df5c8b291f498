import { expect, it } from "vitest";
import { readCursor, rfc3339, writeCursor } from "./cursor.ts";

const id = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
const encode = (text: string): string => Buffer.from(text).toString("base64url");

it.each([
  "2026-11-20 15:47:00+00",
  "2026-11-20 15:47:00.123456+00",
  "2024-02-29 00:00:00.5-03:30",
  "2026-11-20 15:47:00+15:59",
])("a cursor at %s comes back as it was", (createdAt) =>
  expect(readCursor(writeCursor({ createdAt, id }))).toEqual({ createdAt, id }),
);

const good = writeCursor({ createdAt: "2026-11-20 15:47:00.5+00", id });

it.each([
  "",
  "x",
  `${good}=`,
  ` ${good}`,
  `${good}A`,
  good.slice(1),
  `${good}\0`,
  encode(`infinity|${id}`),
  encode(`2026-13-20 15:47:00+00|${id}`),
  encode(`2026-02-30 15:47:00+00|${id}`),
  encode(`2026-11-20 25:47:00+00|${id}`),
  encode(`2026-11-20 15:47:00+99|${id}`),
  encode(`2026-11-20 15:47:00+16|${id}`),
  encode(`2026-11-20 15:47:00-23:59|${id}`),
  encode(`0000-11-20 15:47:00+00|${id}`),
  encode("2026-11-20 15:47:00+00|1"),
  encode(`2026-11-20 15:47:00+00|${id.toUpperCase()}`),
  encode(`2026-11-20 15:47:00+00|${id}' or 1=1`),
])("what no list gave out is refused: %s", (text) => {
  expect(() => readCursor(text)).toThrow(expect.objectContaining({ code: "BAD_CURSOR" }));
});

it("times are told in UTC to the millisecond, however the database wrote them", () => {
  expect(rfc3339("2026-11-20 15:47:00.512345+00")).toBe("2026-11-20T15:47:00.512Z");
  expect(rfc3339("2026-11-20 15:47:00+05:30")).toBe("2026-11-20T10:17:00.000Z");
});
