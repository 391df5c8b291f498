import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "./json.ts";

const found = (text: string) =>
  readJson(text).faults.map(({ code, pointer }) => `${code} ${pointer}`);

describe("JSON from outside", () => {
  it("is read as JSON.parse reads it, whatever its strings and keys hold", () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
        fc.maxSafeInteger().map((number) => (Object.is(number, -0) ? 0 : number)),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 6 }),
        fc.dictionary(
          fc.string({ unit: "grapheme" }).filter((key) => !/\0|__proto__/.test(key)),
          tie("value"),
          { maxKeys: 20 },
        ),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1, "\t"), fc.boolean(), (any, space, escapes) => {
        const plain = JSON.stringify(any, null, space);
        const text = escapes ? plain.replaceAll(/[^\0-~]/g, escaped) : plain;
        expect(readJson(text)).toEqual({ value: JSON.parse(plain), faults: [] });
      }),
      { numRuns: 500 },
    );
  });

  it("never accepts what JSON.parse refuses", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom("", '"', "\\", ",", "]", "0"), cutAndSee),
      { numRuns: 500 },
    );
  });

  it.each([
    ['{"a":1,"a":2}', "DUPLICATE_KEY /a"],
    ['{"a":1,"\\u0061":2}', "DUPLICATE_KEY /a"],
    ['[{"b":{"x\\"":1,"x\\"":1}}]', 'DUPLICATE_KEY /0/b/x"'],
    ['{"a/b~":{"c":1,"c":1}}', "DUPLICATE_KEY /a~1b~0/c"],
    [`{${keys(20)},"k7":1}`, "DUPLICATE_KEY /k7"],
    ['{"__proto__":{}}', "UNKNOWN_PROPERTY /__proto__"],
    ['{"a":["x","\\u0000"]}', "INVALID_CHARACTER /a/1"],
    ['{"a":"\\ud800"}', "INVALID_CHARACTER /a"],
    ['{"a":"\\udc00\\ud800"}', "INVALID_CHARACTER /a"],
    ['{"\\ud800":1}', "INVALID_CHARACTER /\ud800"],
    ["[9007199254740993]", "NUMBER_NOT_EXACT /0"],
    ["[1,-9007199254740992]", "NUMBER_NOT_EXACT /1"],
    ["[123456789012345678901234567890]", "NUMBER_NOT_EXACT /0"],
    ["[-0]", "NUMBER_NOT_EXACT /0"],
    ["[-0.0e5]", "NUMBER_NOT_EXACT /0"],
    ["[1.5]", "NUMBER_NOT_EXACT /0"],
    ["[1e400]", "NUMBER_NOT_EXACT /0"],
    ["[1e-1]", "NUMBER_NOT_EXACT /0"],
    ["[1.0000000000000001]", "NUMBER_NOT_EXACT /0"],
    [`${"[".repeat(33)}${"]".repeat(33)}`, `TOO_DEEP ${"/0".repeat(32)}`],
    [`{"a":[${"1,".repeat(1_000)}1]}`, "TOO_MANY_ITEMS /a"],
    [`{"o":{${keys(201)}}}`, "TOO_MANY_ITEMS /o"],
  ])("tells what is wrong with %s", (text, fault) => {
    expect(found(text)).toEqual([fault]);
  });

  it.each([
    "[9007199254740991,-9007199254740991,0,-1,1.0,1e3,1.50e1,10e-1,0.0,0e9]",
    `${"[".repeat(32)}${"]".repeat(32)}`,
    `[${"1,".repeat(999)}1]`,
    `{${keys(200)}}`,
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '["\\\\","\\\\\\"","\\ud83d\\ude00",":{,\\"a\\":-0"]',
    '{"constructor":1}',
  ])("finds nothing in %s", (text) => {
    expect(found(text)).toEqual([]);
  });

  it("tells all that is wrong", () => {
    expect(found('{"a":-0,"b":[1.5],"a":"\\u0000"}')).toEqual([
      "NUMBER_NOT_EXACT /a",
      "NUMBER_NOT_EXACT /b/0",
      "DUPLICATE_KEY /a",
      "INVALID_CHARACTER /a",
    ]);
  });
});

function keys(count: number): string {
  return Array.from({ length: count }, (_, index) => `"k${index}":1`).join();
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function cutAndSee(json: string, at: number, put: string): void {
  const cut = at % (json.length + 1);
  const text = `${json.slice(0, cut)}${put}${json.slice(cut + 1)}`;
  const parses = succeeds(() => JSON.parse(text));
  expect(succeeds(() => readJson(text))).toBe(parses);
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
