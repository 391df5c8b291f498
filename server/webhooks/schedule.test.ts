import { expect, it } from "vitest";
import { pauseMs, readRetryAfter } from "./schedule.ts";

it("pauses as the schedule says, a fifth more or less, and ends after ten attempts", () => {
  const minutes = [0, 5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440];
  minutes.forEach((pause, failed) => {
    expect(pauseMs(failed, 0.5, undefined)).toBeCloseTo(pause * 60_000, 3);
    expect(pauseMs(failed, 0, undefined)).toBeCloseTo(pause * 60_000 * 0.8, 3);
    expect(pauseMs(failed, 1, undefined)).toBeCloseTo(pause * 60_000 * 1.2, 3);
  });
  expect(pauseMs(10, 0.5, undefined)).toBeUndefined();
  expect(pauseMs(10, 0.5, 1_000)).toBeUndefined();
});

it("waits as long as the receiver asks for, up to a day, and never less than the schedule", () => {
  expect(pauseMs(1, 0.5, 60_000)).toBe(60_000);
  expect(pauseMs(2, 0.5, 1_000)).toBe(300_000);
  expect(pauseMs(1, 0.5, 999_999_999_000)).toBe(86_400_000);
});

it.each([
  ["120", 120_000],
  ["0", 0],
  ["Sat, 21 Nov 2026 12:00:30 GMT", 30_000],
  ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
  ["", undefined],
  ["soon", undefined],
  ["-5", undefined],
  ["1.5", undefined],
  ["9999999999", undefined],
])("reads Retry-After: %s as %s ms", (value, ms) => {
  expect(readRetryAfter(value, Date.parse("2026-11-21T12:00:00Z"))).toBe(ms);
});
