import { expect, it } from "vitest";
import { csvLine } from "./csv.ts";

it.each([
  [["a", 1, null, -2], "a,1,,-2\r\n"],
  [['say "hi"', "a,b", "two\nlines"], '"say ""hi""","a,b","two\nlines"\r\n'],
])("writes %j as RFC 4180 has it", (cells, line) => {
  expect(csvLine(cells)).toBe(line);
});

it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("defuses the formula %j", (text) => {
  expect(csvLine([text]).replace(/^"/, "")).toMatch(/^'/);
});
