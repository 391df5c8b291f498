import { expect, it } from "vitest";
import { secondsLeft } from "./wire.ts";

const running = { state: "running", total: 10_000, seen: 3_000, secondsAtWork: 5 } as const;

it("says how long the rest takes at the worker's pace, when there is one", () => {
  expect(secondsLeft(running)).toBe(14);
  expect(secondsLeft({ ...running, seen: 10_000 })).toBe(0);
  expect(secondsLeft({ ...running, seen: 500 })).toBeNull();
  expect(secondsLeft({ ...running, secondsAtWork: 0 })).toBeNull();
  expect(secondsLeft({ ...running, state: "stopped" })).toBeNull();
});
