import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutSecrets } from "../base/log.ts";
import {
  apiKeyPattern,
  digestOf,
  maskedKey,
  mintApiKey,
  parseApiKey,
  writeApiKey,
} from "./api-key.ts";
import { mayAct, mayUse, type Caller } from "./caller.ts";
import { faultOfNewKey } from "./key-terms.ts";
import { faultOfScopes } from "./scopes.ts";

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".split("");
const letters = (length: number) =>
  fc.string({ unit: fc.constantFrom(...base62), minLength: length, maxLength: length });
const parts = fc.record({
  mode: fc.constantFrom("live" as const, "test" as const),
  keyId: letters(22),
  secret: letters(43),
});

describe("an API key", () => {
  it("is read as it was written, whatever its parts", () => {
    fc.assert(
      fc.property(parts, (some) => {
        const text = writeApiKey(some);
        expect(text).toHaveLength(80);
        expect(text).toMatch(new RegExp(`^${apiKeyPattern.source}$`));
        expect(parseApiKey(text)).toEqual(some);
      }),
    );
  });

  it("is refused with any one character changed, left out or put in", () => {
    const change = fc.constantFrom(...base62, "_", "-", " ", "é", "\0");
    fc.assert(
      fc.property(parts, fc.nat(79), change, (some, at, character) => {
        const text = writeApiKey(some);
        const [head, tail] = [text.slice(0, at), text.slice(at + 1)];
        if (text[at] !== character) expect(parseApiKey(head + character + tail)).toBeUndefined();
        expect(parseApiKey(head + tail)).toBeUndefined();
        expect(parseApiKey(head + character + text.slice(at))).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it("is refused with two neighbours swapped, and in the other mode", () => {
    fc.assert(
      fc.property(parts, fc.nat(78), (some, at) => {
        const text = writeApiKey(some);
        const [one = "", two = ""] = [text[at], text[at + 1]];
        const swapped = text.slice(0, at) + two + one + text.slice(at + 2);
        if (one !== two) expect(parseApiKey(swapped)).toBeUndefined();
        const mode = some.mode === "live" ? "test" : "live";
        expect(parseApiKey(text.replace(some.mode, mode))).toBeUndefined();
      }),
    );
  });

  it("is nothing else than text of that form", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !parseApiKey(text)));
    const { apiKey } = mintApiKey("live");
    for (const text of ["", ` ${apiKey}`, `${apiKey}\n`, apiKey.toUpperCase(), apiKey + apiKey]) {
      expect(parseApiKey(text)).toBeUndefined();
    }
  });

  it("uses every digit alike, and never twice the same", () => {
    const keys = Array.from({ length: 2_000 }, () => mintApiKey("test"));
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(keys.length);
    const counts = new Map<string, number>();
    for (const digit of keys.flatMap(({ secret }) => secret.split(""))) {
      counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    const expected = (2_000 * 43) / 62;
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(62);
    // 61 degrees of freedom: once in a million runs it is above 130.
    expect(chi).toBeLessThan(130);
  });

  it("shows neither secret nor digest when it is masked, nor in a line of the log", () => {
    const minted = mintApiKey("live");
    expect(maskedKey(minted)).toBe(`zr_live_${minted.keyId}_********`);
    expect(digestOf(minted.secret)).toMatch(/^[0-9a-f]{64}$/);
    const line = withoutSecrets(
      `{"url":"/x?k=${minted.apiKey}","cut":"${minted.apiKey.slice(0, -9)}"}`,
    );
    expect(line).not.toContain(minted.secret.slice(0, 8));
    expect(line).toContain(maskedKey(minted));
  });
});

describe("a caller", () => {
  const free: Caller = {
    tenantId: "t",
    actor: { kind: "key", id: "k" },
    mode: "test",
    scopes: ["items:read"],
    agentIds: null,
    mandateIds: null,
  };
  const mandateId = "0192b1f0-0000-7000-8000-00000000000a";
  const bound = { ...free, agentIds: ["a1", "a2"], mandateIds: [mandateId] };
  const none = { agentId: undefined, mandateId: undefined };

  it("may use its scopes and no other, and is told which", () => {
    expect(mayUse(free, "items:read")).toBeUndefined();
    const fault = mayUse(free, "items:write");
    expect(fault?.fault).toBe("INSUFFICIENT_SCOPE");
    expect(fault?.detail).toContain("items:write");
  });

  it.each([
    [free, none, undefined],
    [free, { agentId: "x", mandateId: "y" }, undefined],
    [bound, { agentId: "a2", mandateId }, undefined],
    [bound, { agentId: "a2", mandateId: mandateId.toUpperCase() }, undefined],
    [bound, { agentId: "a3", mandateId }, "KEY_NOT_FOR_AGENT"],
    [bound, { agentId: "A1", mandateId }, "KEY_NOT_FOR_AGENT"],
    [bound, { agentId: "a1", mandateId: "other" }, "KEY_NOT_FOR_MANDATE"],
    [bound, { agentId: "a1", mandateId: undefined }, "KEY_NOT_FOR_MANDATE"],
    [bound, { agentId: undefined, mandateId }, "KEY_NOT_FOR_AGENT"],
    [bound, none, "KEY_NOT_FOR_AGENT"],
  ])("acts for what it is bound to (%#)", (caller, acting, fault) => {
    expect(mayAct(caller, acting)?.fault).toBe(fault);
  });
});

describe("the terms of a new key", () => {
  const fine = { name: "buyer", scopes: ["purchases:write"] };
  it.each([
    [fine, undefined],
    [
      { ...fine, agentIds: ["agent ä"], mandateIds: ["0192B1F0-0000-7000-8000-00000000000A"] },
      undefined,
    ],
    [{ ...fine, name: " " }, "1 to 200"],
    [{ ...fine, name: "x".repeat(201) }, "1 to 200"],
    [{ ...fine, name: "a\u001b[2Jb" }, "control"],
    [{ ...fine, name: "a\0b" }, "control"],
    [{ ...fine, name: "\ud800" }, "broken"],
    [{ ...fine, scopes: [] }, "at least one"],
    [{ ...fine, scopes: ["purchase:write"] }, "did you mean purchases:write?"],
    [{ ...fine, scopes: ["*"] }, "is not a scope"],
    [{ ...fine, agentIds: [] }, "1 to 100 agents"],
    [{ ...fine, agentIds: [""] }, "agents"],
    [{ ...fine, mandateIds: ["m1"] }, "mandates"],
    [{ ...fine, expiresAtMs: NaN }, "expiry"],
    [{ ...fine, expiresAtMs: 8.64e15 }, "expiry"],
  ])("are checked (%#)", (terms, says) => {
    if (says === undefined) expect(faultOfNewKey(terms)).toBeUndefined();
    else expect(faultOfNewKey(terms)).toContain(says);
  });

  it("name a scope that exists", () => {
    expect(faultOfScopes(["constructor"])).toContain("there are purchases:read");
  });
});
