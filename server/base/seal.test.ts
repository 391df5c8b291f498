import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readSealingKey, seal, SealError, unseal } from "./seal.ts";

const key = randomBytes(32);

it("gives back what was sealed, and shows nothing of it", () => {
  const sealed = seal(key, "whsec_c2VjcmV0", "endpoint 1");
  expect(sealed).not.toContain("c2VjcmV0");
  expect(unseal(key, sealed, "endpoint 1")).toBe("whsec_c2VjcmV0");
  expect(seal(key, "whsec_c2VjcmV0", "endpoint 1")).not.toBe(sealed);
});

it("gives back nothing for another owner, to another key, or when a character was changed", () => {
  const sealed = seal(key, "a secret", "endpoint 1");
  expect(() => unseal(key, sealed, "endpoint 2")).toThrow(SealError);
  expect(() => unseal(randomBytes(32), sealed, "endpoint 1")).toThrow("ZERORACE_SEALING_KEY");
  expect(() => unseal(key, "a secret", "endpoint 1")).toThrow(SealError);
  const parts = sealed.split(".");
  for (const at of [2, 3, 4]) {
    const [first = ""] = parts[at] ?? "";
    const changed = parts.with(at, `${first === "A" ? "B" : "A"}${parts[at]?.slice(1)}`).join(".");
    expect(() => unseal(key, changed, "endpoint 1")).toThrow(SealError);
  }
});

it("draws a key once, for nobody else's eyes, and takes the one that is set", () => {
  const dir = mkdtempSync(join(tmpdir(), "zerorace-seal-"));
  try {
    const config = { dataDir: join(dir, "data"), sealingKey: undefined };
    const drawn = readSealingKey(config);
    expect(drawn).toHaveLength(32);
    expect(readSealingKey(config)).toEqual(drawn);
    expect(statSync(join(dir, "data.sealing-key")).mode & 0o777).toBe(0o600);
    expect(readSealingKey({ ...config, sealingKey: key })).toBe(key);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
