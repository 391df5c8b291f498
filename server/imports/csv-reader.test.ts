import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  beginning,
  CsvReader,
  delimiterOf,
  delimiters,
  FileFault,
  markLength,
  rowBytesMax,
  type CsvRow,
} from "./csv-reader.ts";

function read(text: string | Buffer, pieceBytes = 1_000_000): CsvRow[] {
  const bytes = Buffer.from(text);
  const reader = new CsvReader(",");
  const rows: CsvRow[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    rows.push(...reader.push(bytes.subarray(at, at + pieceBytes)));
  }
  return [...rows, ...reader.end()];
}
const cellsOf = (text: string): (readonly string[])[] => read(text).map(({ cells }) => cells);

describe("rows", () => {
  it.each([
    [
      "a,b\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,b\r\nc,d\r\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ['"a,b","c""d"\n', [["a,b", 'c"d']]],
    ['"two\r\nlines",x\r\n', [["two\r\nlines", "x"]]],
    ['"",\n', [["", ""]]],
    ['""""\n', [['"']]],
    ["a\n\n\r\nb\n", [["a"], ["b"]]],
    [",\n", [["", ""]]],
    [" a , b\n", [[" a ", " b"]]],
    ["é,💶\n", [["é", "💶"]]],
  ])("%j", (text, cells) => {
    expect(cellsOf(text)).toEqual(cells);
  });

  it("are counted as rows and as lines, and say where the next one begins", () => {
    const rows = read('h\n\n"a\nb"\nc');
    expect(rows.map(({ row, line }) => [row, line])).toEqual([
      [1, 1],
      [2, 3],
      [3, 5],
    ]);
    expect(rows.map(({ next }) => next.byte)).toEqual([2, 9, 10]);
  });

  it("come out the same whatever they hold, in whatever pieces they come, from wherever one goes on", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é", "=", " ") });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), (cells, pieceBytes) => {
        const text = cells.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
        const rows = read(text, pieceBytes);
        expect(rows.map((row) => row.cells)).toEqual(cells);
        expect(rows.every(({ fault }) => fault === undefined)).toBe(true);
        const middle = rows[Math.floor(rows.length / 2)]?.next ?? beginning;
        const rest = new CsvReader(",", middle);
        const after = [...rest.push(Buffer.from(text).subarray(middle.byte)), ...rest.end()];
        expect(after).toEqual(rows.filter(({ row }) => row >= middle.row));
      }),
    );
  });

  it.each([
    ['a"b,c\n', "quote in the middle"],
    ['"a"b,c\n', "behind a closing quote"],
    ['"a" ,c\n', "behind a closing quote"],
    ["a\rb,c\n", "carriage return"],
    ["a\0b,c\n", "NUL"],
  ])("%j are told, and those after it are read", (text, says) => {
    const [bad, good] = read(`${text}d,e\n`);
    expect(bad?.fault).toContain(says);
    expect(good).toMatchObject({ cells: ["d", "e"], fault: undefined });
  });
});

describe("a file cannot be read on", () => {
  const faultOf = (text: string | Buffer): string => {
    try {
      read(text, 10_000);
    } catch (error) {
      if (error instanceof FileFault) return `${error.code} ${error.message}`;
    }
    return "none";
  };
  it("of one huge line", () => {
    expect(faultOf("x".repeat(rowBytesMax + 1))).toMatch(/^ROW_TOO_LONG Line 1 /);
  });
  it("with a quote that is never closed", () => {
    expect(faultOf('a\n"b,c\nd')).toMatch(/^QUOTE_NOT_CLOSED Line 2 /);
    expect(faultOf(`a\n"${"b\n".repeat(rowBytesMax)}`)).toMatch(/^QUOTE_NOT_CLOSED Line 2 /);
  });
  it("in another encoding", () => {
    expect(faultOf(Buffer.from("a\nGr\xfc\xdfe\n", "latin1"))).toMatch(/^NOT_UTF8 Line 2 /);
    expect(() => markLength(Buffer.from("\ufeffa", "utf16le"))).toThrow("UTF-16");
    expect(() => markLength(Buffer.alloc(0))).toThrow("empty");
    expect(markLength(Buffer.from("\ufeffa"))).toBe(3);
  });
  it("whose lines end with carriage returns alone", () => {
    expect(faultOf("a,b\r".repeat(rowBytesMax))).toMatch(/^NO_LINE_ENDS /);
  });
});

it.each(delimiters.map((one) => [one]))("the delimiter %j is found in the header", (one) => {
  expect(delimiterOf(Buffer.from(`"a,;|",b${one}c${one}d${one}e\n,,,,,,`))).toBe(one);
});
