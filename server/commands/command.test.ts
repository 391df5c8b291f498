import { describe, expect, it } from "vitest";
import { readValues, share, UsageError, wholeNumber, type Command } from "./command.ts";

const command: Command = {
  name: "sell",
  summary: "",
  options: { agents: { value: "N", says: "" }, json: { says: "" } },
  examples: [],
  run: () => Promise.resolve(true),
};

describe("the command line", () => {
  it("has options with values and switches, in any order", () => {
    expect(readValues(command, ["--json", "--agents", "5"])).toEqual({ json: true, agents: "5" });
    expect(readValues(command, ["--agents=5"])).toEqual({ agents: "5" });
    expect(readValues(command, ["-h"])).toEqual({ help: true });
    expect(readValues(command, ["--agents", "-5"])).toEqual({ agents: "-5" });
  });

  it.each([
    [["--agent", "5"], "did you mean --agents?"],
    [["--colour"], "see zerorace sell --help"],
    [["--agents"], "--agents needs a value: --agents N."],
    [["--agents", "--json"], "--agents needs a value"],
    [["--agents", "-"], "--agents needs a value"],
    [["--json=yes"], "--json is a switch"],
    [["now"], 'takes no argument "now"'],
    [["--", "now"], 'takes no argument "now"'],
    [["--no-json"], "has no option --no-json"],
    [["--constructor"], "has no option --constructor"],
  ])("does not guess what %j means", (args, says) => {
    expect(() => readValues(command, args)).toThrow(says);
    expect(() => readValues(command, args)).toThrow(UsageError);
  });

  it("reads whole numbers as people write them", () => {
    const read = (text: string) =>
      wholeNumber({ values: { agents: text }, option: "agents", fallback: 1 }, 1, 2_000_000);
    expect(read("1000000")).toBe(1_000_000);
    expect(read("1,000,000")).toBe(1_000_000);
    expect(read("1_000_000")).toBe(1_000_000);
    for (const text of ["1e6", "-5", "0", "1.5", "3000000", "1,00", "", "0x10"]) {
      expect(() => read(text)).toThrow("--agents must be a whole number from 1 to 2000000");
    }
  });

  it("reads shares", () => {
    const read = (text: string) => share({ p: text }, "p", 0.5);
    expect([read("0"), read("0.05"), read(".5"), read("1")]).toEqual([0, 0.05, 0.5, 1]);
    for (const text of ["1.1", "5%", "-0.1", "1e-2", "half"])
      expect(() => read(text)).toThrow("share");
  });
});
