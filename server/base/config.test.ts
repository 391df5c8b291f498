import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, describeConfig, readConfig, type Env } from "./config.ts";
import { settings } from "./settings.ts";

const url = "postgres://shop:hunter2@db:5432/shop";

function complaintsOf(env: Env): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.complaints;
    throw error;
  }
}

function withFile(text: string, use: (path: string) => void): void {
  const dir = mkdtempSync(join(tmpdir(), "zerorace-config-"));
  try {
    writeFileSync(join(dir, "secret"), text);
    use(join(dir, "secret"));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe("readConfig", () => {
  it("needs nothing: every setting has a default or may stay unset", () => {
    const config = readConfig({});
    expect(config).toMatchObject({ lanes: 4, batchMax: 500, queueMax: 20_000, dataDir: ".data" });
    expect(config.databaseUrl).toBeUndefined();
  });

  it("counts an empty value as unset", () => {
    expect(readConfig({ ZERORACE_LANES: "", ZERORACE_DATABASE_URL: "" })).toEqual(readConfig({}));
  });

  it("leaves other programs' names alone", () => {
    expect(complaintsOf({ PATH: "/bin", ZERO_RACE: "1", PORT: "x" })).toEqual([]);
  });

  it.each([
    ["ZERORACE_LANES", "0"],
    ["ZERORACE_LANES", "65"],
    ["ZERORACE_LANES", "3.5"],
    ["ZERORACE_LANES", " 3"],
    ["ZERORACE_LANES", "1e1"],
    ["ZERORACE_LANES", "0x3"],
    ["ZERORACE_LANES", "-1"],
    ["ZERORACE_LOG_LEVEL", "loud"],
    ["ZERORACE_LOG_LEVEL", "INFO"],
    ["ZERORACE_DATABASE_URL", "mysql://a:b@c/d"],
    ["ZERORACE_DATABASE_URL", "postgres://db:5432"],
    ["ZERORACE_DATABASE_URL", "db:5432/shop"],
    ["ZERORACE_REDIS_URL", "http://cache:6379"],
    ["ZERORACE_REDIS_URL", "cache:6379"],
    ["ZERORACE_DYNAMODB_ENDPOINT", "localhost:8000"],
    ["ZERORACE_TRUSTED_PROXIES", "proxy.example"],
    ["ZERORACE_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["ZERORACE_TRUSTED_PROXIES", "10.0.0.1,,10.0.0.2"],
    ["ZERORACE_ALLOWED_HOSTS", "shop example"],
    ["ZERORACE_ALLOWED_HOSTS", "http://shop.example"],
  ])("refuses %s=%s and says what it must be", (name, value) => {
    const [complaint, ...others] = complaintsOf({ [name]: value });
    expect(complaint).toMatch(new RegExp(`^${name} must `));
    expect(others).toEqual([]);
  });

  it("makes all its complaints at once, and guesses what a typing error meant", () => {
    const env = { ZERORACE_LANES: "x", ZERORACE_LOG_LEVEL: "loud", ZERORACE_BACTH_MAX: "5" };
    const complaints = complaintsOf(env);
    expect(complaints).toHaveLength(3);
    expect(complaints.at(-1)).toBe(
      "ZERORACE_BACTH_MAX is not a setting: did you mean ZERORACE_BATCH_MAX?",
    );
    expect(complaintsOf({ ZERORACE_SOMETHING_ELSE: "1" })).toEqual([
      "ZERORACE_SOMETHING_ELSE is not a setting",
    ]);
  });

  it("leaves the API key of a shell's owner to its owner", () => {
    expect(complaintsOf({ ZERORACE_API_KEY: "zr_test_x" })).toEqual([]);
  });

  it("takes a secret from the file that _FILE names, and only a secret", () => {
    withFile(`${url}\n`, (path) => {
      expect(readConfig({ ZERORACE_DATABASE_URL_FILE: path }).databaseUrl).toBe(url);
      const both = { ZERORACE_DATABASE_URL_FILE: path, ZERORACE_DATABASE_URL: url };
      expect(complaintsOf(both)).toHaveLength(1);
      expect(complaintsOf({ ZERORACE_LANES_FILE: path })).toHaveLength(1);
    });
    expect(complaintsOf({ ZERORACE_DATABASE_URL_FILE: "/nowhere/at/all" })).toEqual([
      "ZERORACE_DATABASE_URL cannot be read from the file that ZERORACE_DATABASE_URL_FILE names (ENOENT)",
    ]);
  });

  it("never repeats a secret in a complaint", () => {
    const env = { ZERORACE_DATABASE_URL: "postgres://shop:hunter2@" };
    expect(complaintsOf(env).join()).not.toContain("hunter2");
  });

  it("reads back every whole number within its bounds, and no other text", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), (lanes) => {
        expect(readConfig({ ZERORACE_LANES: String(lanes) }).lanes).toBe(lanes);
      }),
    );
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const fine = /^\d{1,15}$/.test(text) && Number(text) >= 1 && Number(text) <= 64;
        expect(complaintsOf({ ZERORACE_LANES: text })).toHaveLength(fine ? 0 : 1);
      }),
    );
  });
});

describe("the table", () => {
  it("has defaults that its own parsers accept, and names of one form", () => {
    for (const { name, fallback, parser } of Object.values(settings)) {
      expect(name).toMatch(/^ZERORACE_[A-Z][A-Z_]*[A-Z]$/);
      if (fallback !== undefined) expect(() => parser.parse(fallback)).not.toThrow();
    }
  });
});

describe("describeConfig", () => {
  it("shows what is in force and never a secret", () => {
    const shown = describeConfig(readConfig({ ZERORACE_DATABASE_URL: url, ZERORACE_LANES: "5" }));
    const valueOf = (name: string) => shown.find((row) => row.name === name)?.value;
    expect(valueOf("ZERORACE_LANES")).toBe("5");
    expect(valueOf("ZERORACE_DATABASE_URL")).toBe("********");
    expect(valueOf("ZERORACE_TEST_DATABASE_URL")).toBe("(not set)");
    expect(JSON.stringify(shown)).not.toContain("hunter2");
  });
});
