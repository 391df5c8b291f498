import { setImmediate as tick } from "node:timers/promises";
import { expect, it } from "vitest";
import { ExhaustedError } from "./faults.ts";
import { Turns } from "./turns.ts";

const soon = (): number => performance.now() + 5_000;

it("serves those of one subject one after the other, in the order in which they came", async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const work = (name: string) =>
    turns.inTurn("a", soon(), async () => {
      seen.push(`${name} begins`);
      await tick();
      seen.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all(["1", "2", "3"].map(work))).toEqual(["1", "2", "3"]);
  expect(seen).toEqual(["1", "2", "3"].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

it("lets nobody wait for another subject", async () => {
  const turns = new Turns();
  let end: () => void = () => undefined;
  const held = turns.inTurn("a", soon(), () => new Promise<void>((resolve) => (end = resolve)));
  expect(await turns.inTurn("b", soon(), () => Promise.resolve("served"))).toBe("served");
  end();
  await held;
});

it("goes on after work that fails, and after somebody who gave up waiting", async () => {
  const turns = new Turns();
  let fail: (error: Error) => void = () => undefined;
  const first = turns.inTurn("a", soon(), () => new Promise((_, reject) => (fail = reject)));
  let ran = false;
  const late = turns.inTurn("a", performance.now() + 20, () => Promise.resolve((ran = true)));
  const third = turns.inTurn("a", soon(), () => Promise.resolve("served"));
  await expect(late).rejects.toThrow(ExhaustedError);
  fail(new Error("mine"));
  await expect(first).rejects.toThrow("mine");
  expect([await third, ran]).toEqual(["served", false]);
  // Nobody is left, and the next does not wait.
  expect(await turns.inTurn("a", 0, () => Promise.resolve("at once"))).toBe("at once");
});
