import { expect, it } from "vitest";
import { ConnectRate } from "./connect-rate.ts";
import { Fresh } from "./fresh.ts";

it("is fetched once for all, again when two thirds of its time are over, and nobody waits", async () => {
  let nowMs = 0;
  let fetched = 0;
  const fresh = new Fresh(
    () => Promise.resolve({ value: ++fetched, goodUntilMs: nowMs + 900 }),
    () => nowMs,
  );
  expect(await Promise.all([fresh.get(), fresh.get(), fresh.get()])).toEqual([1, 1, 1]);
  nowMs = 599;
  expect(await fresh.get()).toBe(1);
  nowMs = 600;
  expect(await fresh.get()).toBe(1);
  expect(await fresh.get()).toBe(2);
  nowMs = 1_500;
  expect(await fresh.get()).toBe(3);
  fresh.forget();
  expect(await fresh.get()).toBe(4);
});

it("is used while it is good when its source is away, and no longer", async () => {
  let nowMs = 0;
  let isAway = false;
  const fresh = new Fresh(
    () =>
      isAway
        ? Promise.reject(new Error("away"))
        : Promise.resolve({ value: "good", goodUntilMs: nowMs + 900 }),
    () => nowMs,
  );
  await fresh.get();
  isAway = true;
  nowMs = 899;
  expect(await fresh.get()).toBe("good");
  nowMs = 900;
  await expect(fresh.get()).rejects.toThrow("away");
  isAway = false;
  expect(await fresh.get()).toBe("good");
});

it("connections open at once up to the burst, then at the rate, each told its own wait", () => {
  let now = 0;
  const rate = new ConnectRate(25, 250, () => now);
  const waits = Array.from({ length: 256 }, () => rate.take());
  expect(waits.slice(0, 250)).toEqual(Array.from({ length: 250 }, () => 0));
  expect(waits.slice(250)).toEqual([40, 80, 120, 160, 200, 240]);
  now = 240;
  expect(rate.take()).toBeCloseTo(40);
  now = 60_000;
  expect(Array.from({ length: 251 }, () => rate.take()).at(-1)).toBeCloseTo(40);
});
