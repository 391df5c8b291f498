import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oldWorlds } from "../db/old-worlds.ts";
import { openSandbox } from "../sandbox/world.ts";
import { createOrganisation } from "../tenants/store.ts";
import { runCommand } from "../testing/command-line.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";

const byAnn = { kind: "command", id: "ann" } as const;
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

  it("is exported, and the export verified without a database", async () => {
    const other = await createOrganisation(database.db, { name: "B", actor: byAnn });
    if (other.kind !== "done") throw new Error(other.says);
    const made = await run("audit", "export", "--tenant", other.testTenantId);
    expect(made).toMatchObject({ code: 0, err: "" });
    const dir = await mkdtemp(join(tmpdir(), "zerorace-audit-"));
    const file = join(dir, "audit.jsonl");
    await writeFile(file, made.out);
    // Nobody listens there.
    const nowhere = { ZERORACE_DATABASE_URL: "postgres://127.0.0.1:1/none" };
    const verify = (...args: string[]) =>
      runCommand(["audit", "verify", "--file", file, ...args], nowhere);
    const fine = await verify("--json");
    expect(fine.code).toBe(0);
    const { head } = JSON.parse(fine.out) as { head: { hash: string } };
    expect(JSON.parse(fine.out)).toMatchObject({ verified: true, entries: 1, brokenAt: null });
    expect(await verify("--head", head.hash)).toMatchObject({
      code: 0,
      out: "Verified to entry 1: no entry is changed, missing or moved.\n",
    });
    expect(await verify("--head", "0".repeat(64))).toMatchObject({ code: 1 });
    await writeFile(file, made.out.replace("organisation.create", "organisation.delete"));
    const broken = await verify();
    expect(broken.code).toBe(1);
    expect(broken.out).toBe("BROKEN at entry 1: its content is not what its hash is of.\n");
    await writeFile(file, "seq,at\r\n1,x\r\n");
    expect(await verify()).toMatchObject({ code: 2, out: "" });
    await rm(dir, { recursive: true });
    expect((await verify()).err).toContain("There is no file");
  });

  it("has an entry of what was commanded where no tenant's log could", async () => {
    await openSandbox(database.db, 10);
    await openSandbox(database.db, 10);
    const reset = await run("sandbox", "reset", "--json");
    const { tenantId: id } = JSON.parse(reset.out) as { tenantId: string };
    const [old] = await oldWorlds(database.db, 0);
    await run("purge", "--world", old ?? "");
    await run("reconcile", "--repair");
    const made = await run("audit", "export", "--instance");
    const [, ...lines] = made.out.trimEnd().split("\n");
    const entries = lines.map((line) => JSON.parse(line) as Record<string, string>);
    expect(entries.map(({ action, objectId }) => `${action} ${objectId}`)).toEqual([
      `sandbox.reset ${id}`,
      `world.purge ${old}`,
      "sums.repair all",
    ]);
    expect(entries[0]?.before).toContain("tenantId");
    expect(entries.every(({ actorKind }) => actorKind === "command")).toBe(true);
  });

  it.each([
    [["audit"], "is one of: audit list, audit verify, audit export"],
    [["audit", "export"], "--tenant ID or --organisation NAME"],
    [["audit", "export", "--instance", "--mode", "live"], "--instance stands alone"],
    [["audit", "verify", "--file", "x", "--mode", "live"], "leave the tenant away"],
    [["audit", "verify", "--head", "x"], "--head goes with --file"],
    [["audit", "list"], "--tenant ID or --organisation NAME"],
    [["audit", "list", "--tenant", "x"], "must be a tenant's id"],
    [["audit", "verify", "--mode", "live"], "--tenant ID or --organisation NAME"],
  ])("answers %j with a sentence and 2", async (args, says) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});
