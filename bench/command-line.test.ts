import { expect, it } from "vitest";
import { readBench } from "./command-line.ts";

it("measures the kernel unless another bench is named, for as long as is said", () => {
  expect(readBench([])).toEqual({ name: "kernel", seconds: 5 });
  expect(readBench(["without"])).toEqual({ name: "without", seconds: 2 });
  expect(readBench(["http", "--seconds", "0.5"])).toEqual({ name: "http", seconds: 0.5 });
  expect(readBench(["--seconds=1"])).toEqual({ name: "kernel", seconds: 1 });
});

it.each([["--help"], ["-h"], ["http", "--help"]])("%s %s shows every bench", (...args) => {
  expect(readBench(args)).toMatch(/^Usage: npm run bench -- \[NAME\] \[options\]$/m);
  expect(readBench(args)).toMatch(/^ {2}pipeline +From a commit/m);
});

it.each([
  [["pipelin"], 'There is no bench "pipelin": did you mean pipeline?'],
  [["everything"], "choose of kernel, http"],
  [["toString"], 'There is no bench "toString"'],
  [["http", "room"], 'npm run bench -- takes no argument "room".'],
  [["--second", "3"], "npm run bench -- has no option --second: did you mean --seconds?"],
  [["--seconds"], "--seconds needs a value"],
  [["--seconds", "-1"], '--seconds must be a number up to 3600, as in 0.5, not "-1".'],
  [["--seconds", "0"], "--seconds must be"],
  [["--seconds", "NaN"], "--seconds must be"],
])("says what is wrong with %j", (args, says) => {
  expect(() => readBench(args)).toThrow(says);
});
