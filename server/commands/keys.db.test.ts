import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyChain } from "../audit/verify-chain.ts";
import { apiKeyPattern, mintApiKey } from "../auth/api-key.ts";
import { runCommand } from "../testing/command-line.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { soon, whoseKeys } from "./key-options.ts";
import { lasting, secondsIn } from "./lasting.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const run = (...args: string[]) => runCommand(args, { ZERORACE_DATABASE_URL: database.url });

describe("tenants and keys at the command line", () => {
  it("are made, listed, rolled and revoked, each with its entry in the log", async () => {
    const acme = await run("tenants", "create", "--name", "Acme Ltd", "--json");
    expect(acme).toMatchObject({ code: 0, err: "" });
    const { liveTenantId, testTenantId } = JSON.parse(acme.out) as Record<string, string>;
    const listed = await run("tenants", "list");
    expect(listed.out).toContain(`${liveTenantId}  live  Acme Ltd`);

    const args = ["--organisation", "Acme Ltd", "--name", "buyer", "--expires", "90d"];
    const made = await run("keys", "create", ...args, "--scopes", "items:read, purchases:write");
    expect(made.code).toBe(0);
    expect(made.out).toMatch(new RegExp(`^${apiKeyPattern.source}\n$`));
    const [, , keyId = "", secret = ""] = made.out.split("_");
    expect(made.err).toContain(`Its id is ${keyId}.`);
    expect(made.err).not.toContain(secret.slice(0, 12));

    const rolled = await run("keys", "roll", "--key", keyId, "--overlap", "1h", "--json");
    expect(rolled.code).toBe(0);
    const next = JSON.parse(rolled.out) as { apiKey: string; key: { keyId: string } };
    expect(next.apiKey).toMatch(/^zr_test_/);
    const why = ["--reason", "a leak"];
    const revoked = await run("keys", "revoke", "--key", next.key.keyId, ...why);
    expect(revoked).toMatchObject({ code: 0, err: "" });
    expect(revoked.out).toBe(`zr_test_${next.key.keyId}_******** is revoked.\n`);

    const list = await run("keys", "list", "--tenant", testTenantId ?? "");
    expect(list.out).toMatch(new RegExp(`${next.key.keyId}  buyer  revoked`));
    expect(list.out).toMatch(new RegExp(`${keyId}  buyer  rolled   items:read,purchases:write`));
    expect(await verifyChain(database.db, testTenantId ?? "")).toEqual({ entries: 4 });

    const again = await run("keys", "roll", "--key", next.key.keyId);
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toContain("revoked");
    await run("tenants", "create", "--name", "Acme Ltd");
    const which = await run("keys", "list", "--organisation", "Acme Ltd");
    expect(which.code).toBe(1);
    expect(which.err).toContain("use --tenant, one of");
  });

  it.each([
    [["tenants"], "is one of: tenants create, tenants list"],
    [["keys", "make"], "is one of: keys create, keys list, keys roll, keys revoke"],
    [["tenants", "create"], "--name is missing"],
    [["tenants", "create", "--name", " "], "1 to 200 characters"],
    [["keys", "create", "--name", "x"], "--tenant ID or --organisation NAME"],
    [["keys", "create", "--organisation", "Acme"], "--name is missing"],
    [["keys", "list", "--tenant", "acme"], "must be a tenant's id"],
    [["keys", "roll", "--key", "x", "--overlap", "soon"], "never the secret"],
  ])("answer %j with a sentence and 2", async (args, says) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
    expect(err).not.toContain("    at ");
  });

  it("do not echo a whole key that was given for its id", async () => {
    const { apiKey, secret } = mintApiKey("live");
    const { code, err } = await run("keys", "revoke", "--key", apiKey);
    expect(code).toBe(2);
    expect(err).not.toContain(secret);
  });
});

describe("options", () => {
  it("say how long and until when", () => {
    expect(["0s", "15m", "24h", "7d"].map(secondsIn)).toEqual([0, 900, 86_400, 604_800]);
    for (const odd of ["", "7", "d", "-1d", "1.5h", "1w", "9999999s"]) {
      expect(() => lasting({ overlap: odd }, "overlap", "1h")).toThrow("must be a time");
    }
    expect(lasting({}, "overlap", "1h")).toBe(3_600);
    expect(soon({ expires: "1d" }, "expires", 5)).toBe(86_400_005);
    expect(soon({ expires: "2027-01-31T00:00:00Z" }, "expires")).toBe(Date.UTC(2027, 0, 31));
    expect(soon({}, "expires")).toBeUndefined();
    for (const odd of ["tomorrow", "2027-13-01", "2027-01-31T00:00:00", "1798675200"]) {
      expect(() => soon({ expires: odd }, "expires")).toThrow("--expires must be as in 90d");
    }
  });

  it("say whose keys, in one way", () => {
    const tenant = "0192B1F0-0000-7000-8000-00000000000A";
    expect(whoseKeys({ tenant })).toEqual({ tenantId: tenant.toLowerCase() });
    expect(whoseKeys({ organisation: "A" })).toEqual({ organisation: "A", mode: "test" });
    expect(() => whoseKeys({ organisation: "A", tenant })).toThrow("one of them");
    expect(() => whoseKeys({ tenant, mode: "live" })).toThrow("leave --mode away");
    expect(() => whoseKeys({ organisation: "A", mode: "both" })).toThrow("live or test");
  });
});
