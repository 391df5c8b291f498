import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOrganisation } from "../tenants/store.ts";
import { runCommand } from "../testing/command-line.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";

let database: TestDatabase;
let tenantId: string;
beforeAll(async () => {
  database = await freshDatabase();
  const actor = { kind: "command", id: "somebody\u001b[2J" } as const;
  const made = await createOrganisation(database.db, { name: "Acme Ltd", actor });
  if (made.kind !== "done") throw new Error(made.says);
  tenantId = made.testTenantId;
});
afterAll(() => database.close());

const run = (...args: string[]) => runCommand(args, { ZERORACE_DATABASE_URL: database.url });

describe("the audit log at the command line", () => {
  it("is listed, and does not steer the terminal", async () => {
    const listed = await run("audit", "list", "--tenant", tenantId);
    expect(listed).toMatchObject({ code: 0, err: "" });
    expect(listed.out).toMatch(/1 {4}\S+Z {2}command somebody\uFFFD\[2J {2}organisation\.create/);
    const json = await run("audit", "list", "--organisation", "Acme Ltd", "--json");
    const { entries } = JSON.parse(json.out) as { entries: object[] };
    expect(entries).toMatchObject([{ seq: 1, after: { name: "Acme Ltd", tenantId } }]);
  });

  it("verifies, one or all, and ends with 1 when one is broken", async () => {
    const fine = await run("audit", "verify");
    expect(fine.code).toBe(0);
    expect(fine.out.match(/ 1 {8}verified /g)).toHaveLength(2);
    const client = await database.db.pool.connect();
    await client.query("set session_replication_role = replica");
    await client.query("update audit_entries set action = 'x' where tenant_id = $1", [tenantId]);
    client.release(true);
    const broken = await run("audit", "verify", "--tenant", tenantId);
    expect(broken.code).toBe(1);
    expect(broken.out).toContain("BROKEN at 1: altered");
    const all = await run("audit", "verify", "--json");
    expect(all.code).toBe(1);
    const { logs } = JSON.parse(all.out) as { logs: { tenantId: string; verified: boolean }[] };
    const verdicts = logs.map((one) => `${one.tenantId === tenantId} ${one.verified}`);
    expect(verdicts.toSorted()).toEqual(["false true", "true false"]);
  });

  it.each([
    [["audit"], "is one of: audit list, audit verify"],
    [["audit", "list"], "--tenant ID or --organisation NAME"],
    [["audit", "list", "--tenant", "x"], "must be a tenant's id"],
    [["audit", "verify", "--mode", "live"], "--tenant ID or --organisation NAME"],
  ])("answers %j with a sentence and 2", async (args, says) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});
