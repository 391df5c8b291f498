import { expect, it } from "vitest";
import { Breaker } from "./breaker.ts";

it("opens at the third failure in a row, once, and closes at the first answer", () => {
  const breaker = new Breaker();
  expect([breaker.failed(1), breaker.failed(2)]).toEqual([false, false]);
  breaker.answered();
  expect([breaker.failed(3), breaker.failed(4), breaker.isOpen]).toEqual([false, false, false]);
  expect([breaker.failed(5), breaker.failed(6)]).toEqual([true, false]);
  expect([breaker.isOpen, breaker.openSince]).toEqual([true, 5]);
  breaker.answered();
  expect([breaker.isOpen, breaker.failed(7), breaker.isOpen]).toEqual([false, false, false]);
});
