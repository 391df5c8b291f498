import { expect, it } from "vitest";
import { z } from "zod";
import { valid } from "./body.ts";
import { readJson } from "./json.ts";
import { Problem } from "./problem.ts";

const shape = z.strictObject({
  name: z.string("must be a string").min(1, "must not be empty"),
  lines: z.array(z.strictObject({ quantity: z.int("must be a whole number") })),
  note: z.string("must be a string").optional(),
});

function problemOf(text: string): Problem {
  try {
    valid(shape, readJson(text));
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error(`${text} was taken.`);
}

it("tells what is missing from what is wrong", () => {
  const details = (text: string) =>
    problemOf(text).errors?.map(({ pointer, detail }) => `${pointer} ${detail}`);
  expect(details('{"lines":[{}]}')).toEqual([
    "/name is missing: it must be a string",
    "/lines/0/quantity is missing: it must be a whole number",
  ]);
  expect(details('{"name":"","lines":[{"quantity":null}],"note":null}')).toEqual([
    "/name must not be empty",
    "/lines/0/quantity must be a whole number",
    "/note must be a string",
  ]);
});

it("says how many faults there are beyond the first three", () => {
  const { message } = problemOf('{"lines":[{},{},{},{}]}');
  expect(message).toBe(
    "/name is missing: it must be a string. " +
      "/lines/0/quantity is missing: it must be a whole number. " +
      "/lines/1/quantity is missing: it must be a whole number. And 2 more, in `errors`.",
  );
});
