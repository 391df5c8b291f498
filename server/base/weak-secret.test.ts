import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { weaknessOf } from "./weak-secret.ts";

it.each(["changeme", "CHANGE-ME", "postgres", "password123456", "mysecretmysecretmysecret", ""])(
  "%j is refused",
  (secret) => expect(weaknessOf(secret)).toBeDefined(),
);

it("zeros and repeated pieces are refused, however many", () => {
  expect(weaknessOf("0".repeat(64))).toMatch(/different/);
  expect(weaknessOf("abc".repeat(20))).toMatch(/different/);
  expect(weaknessOf(Buffer.alloc(32).toString("base64"))).toMatch(/different/);
});

it("what is drawn at random never is", () => {
  for (let n = 0; n < 1_000; n++) {
    expect(weaknessOf(randomBytes(32).toString("base64url"))).toBeUndefined();
  }
});
