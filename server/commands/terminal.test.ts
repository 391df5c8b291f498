import { describe, expect, it } from "vitest";
import { makeTerminal, timeLeft } from "./terminal.ts";

function streams(isTTY: boolean) {
  const written = { out: "", err: "" };
  const stdout = { write: (text: string) => (written.out += text) };
  const stderr = { isTTY, columns: 60, write: (text: string) => (written.err += text) };
  return { written, stdout, stderr };
}

describe("progress", () => {
  it("rewrites one line on a terminal, and clears it for the result", () => {
    const { written, ...some } = streams(true);
    const terminal = makeTerminal(some);
    terminal.progress(0.25, "a quarter");
    terminal.progress(0.5, "x".repeat(100));
    terminal.progress(0.5, "y".repeat(50));
    terminal.result("done");
    const lines = written.err.split("\r\u001b[K");
    expect(lines).toHaveLength(5);
    expect(lines[1]).toMatch(/^█{6}░{18} a quarter$/);
    expect(lines[2]).toBe("x".repeat(59));
    expect(lines[3]).toBe(`████░░░░ ${"y".repeat(50)}`);
    expect(lines[4]).toBe("");
    expect(written.out).toBe("done\n");
  });

  it("says a plain line every few seconds where nobody rewrites lines", () => {
    const { written, ...some } = streams(false);
    let nowMs = 0;
    const terminal = makeTerminal(some, () => nowMs);
    for (; nowMs < 12_000; nowMs += 100) terminal.progress(0.5, `at ${nowMs}`);
    expect(written.err).toBe("at 5000\nat 10000\n");
  });

  it("tells how long it will take", () => {
    expect(timeLeft(0, 500)).toBe("");
    expect(timeLeft(0.5, 45_000)).toBe("45 s left");
    expect(timeLeft(0.25, 100_000)).toBe("5 min 0 s left");
  });
});
