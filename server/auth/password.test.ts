import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { faultOfPassword, hashPassword, isPassword, TooManyHashes, Turnstile } from "./password.ts";

describe("a password", () => {
  it("is kept as argon2id with a salt of its own, and known again", async () => {
    const password = "correct horse battery";
    const [one, other] = await Promise.all([hashPassword(password), hashPassword(password)]);
    expect(one).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
    expect(other).not.toBe(one);
    expect(await isPassword(password, one)).toBe(true);
    expect(await isPassword(password, other)).toBe(true);
    for (const wrong of ["", "Correct horse battery", `${password} `, password.slice(0, -1)]) {
      expect(await isPassword(wrong, one), wrong).toBe(false);
    }
  });

  it("counts to its last character, and is the same however it was typed", async () => {
    const long = "é".repeat(255);
    const phc = await hashPassword(`${long}a`);
    expect(await isPassword(`${long}b`, phc)).toBe(false);
    expect(await isPassword(`${"e\u0301".repeat(255)}a`, phc)).toBe(true);
  });

  it("of nobody is never right, and what is kept is read with its own parameters", async () => {
    expect(await isPassword("")).toBe(false);
    expect(await isPassword("anything else")).toBe(false);
    // From the reference implementation: argon2id of "password" with salt "somesalt".
    const reference =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    expect(await isPassword("password", reference)).toBe(true);
    expect(await isPassword("passwort", reference)).toBe(false);
    await expect(isPassword("x", "plain text")).rejects.toThrow("PHC");
  });

  it.each([
    ["eleven char", "12 characters at least"],
    ["ééééééééééé", "12 characters at least"],
    ["x".repeat(257), "256 characters at most"],
    ["password1234", "tried first"],
    ["Password!Password!", "tried first"],
    ["changeme2026!", "tried first"],
    ["aaaaaaaaaaaa", "tried first"],
    ["abababababababab", "tried first"],
    ["123456789012", "tried first"],
    ["qwertyuiopas", "tried first"],
    ["abcdefghijkl", "tried first"],
  ])("%j will not do", (password, says) => {
    expect(faultOfPassword(password)).toContain(says);
  });

  it.each(["correct horse battery", "пароль из слов", "🐎🔋📎🧀 horse ok", "Tr0ub4dor&3-more"])(
    "%j will do",
    (password) => {
      expect(faultOfPassword(password)).toBeUndefined();
      expect(faultOfPassword("abcde".repeat(51) + "x")).toBeUndefined();
    },
  );
});

describe("the turnstile before the hashes", () => {
  it("lets two in, makes others wait in turn, and turns away who comes beyond that", async () => {
    const turnstile = new Turnstile(2, 3);
    const order: number[] = [];
    const leave: (() => void)[] = [];
    let inside = 0;
    let most = 0;
    const visit = (who: number) =>
      turnstile.pass(async () => {
        order.push(who);
        most = Math.max(most, ++inside);
        await new Promise<void>((resolve) => leave.push(resolve));
        inside--;
      });
    const visits = [0, 1, 2, 3, 4].map(visit);
    await expect(visit(5)).rejects.toThrow(TooManyHashes);
    expect(order).toEqual([0, 1]);
    for (let left = 0; left < 5; left++) {
      leave[left]?.();
      await visits[left];
      await turn();
    }
    expect({ order, most, inside }).toEqual({ order: [0, 1, 2, 3, 4], most: 2, inside: 0 });
  });

  it("is left also by who fails", async () => {
    const turnstile = new Turnstile(1, 0);
    const fail = () => turnstile.pass(() => Promise.reject(new Error("no")));
    await expect(fail()).rejects.toThrow("no");
    await expect(fail()).rejects.toThrow("no");
  });
});
