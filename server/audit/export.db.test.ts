import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { transact } from "../db/transact.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { exportLog } from "./export-log.ts";
import { record } from "./record.ts";
import { checkChain } from "./verify-chain.ts";
import { NoExportError, verifyExport, type VerifiedExport } from "./verify-export.ts";

let database: TestDatabase;
let tenantId: string;
let lines: readonly string[];
const entries = 1_003;
beforeAll(async () => {
  database = await freshDatabase();
  tenantId = randomUUID();
  for (let written = 0; written < entries; written += 59) {
    await transact(database.db, "test", async (tx) => {
      for (let at = 0; at < 59; at++) {
        const actor = { kind: "person", id: "ann", role: "owner", sessionId: "s" } as const;
        const object = { kind: "item", id: "lamp" };
        const change = {
          before: { priceMinor: at },
          after: { priceMinor: at + 1, name: '"\u2028é' },
        };
        const about = { reason: "a\nb", ip: "192.0.2.1", requestId: randomUUID() };
        await record(tx, { tenantId, actor, action: "item.price", object, ...change, ...about });
      }
    });
  }
  lines = (await exported()).trimEnd().split("\n");
});
afterAll(() => database.close());

async function exported(of = tenantId): Promise<string> {
  let text = "";
  for await (const part of exportLog(database.db, of)) text += part;
  return text;
}

async function* each(given: readonly string[]): AsyncGenerator<string> {
  yield* given;
}
const verify = (given: readonly string[]): Promise<VerifiedExport> => verifyExport(each(given));
const verdict = async (given: readonly string[]) => {
  const { first: _, ...rest } = await verify(given);
  return rest;
};
const without = (at: number): string[] => lines.filter((_, index) => index !== at);
const changed = (at: number, from: string | RegExp, to: string): string[] =>
  lines.map((line, index) => (index === at ? line.replace(from, to) : line));

it("an export proves itself, and ends where the log does", async () => {
  const { head } = await checkChain(database.db, tenantId);
  expect(head.seq).toBe(1_003);
  const { first, ...rest } = await verify(lines);
  expect(rest).toEqual({ entries: 1_003 });
  expect(first).toMatchObject({ tenantId, head });
});

it("the export of a log without entries proves that there are none", async () => {
  const nobody = randomUUID();
  expect(await verdict((await exported(nobody)).trimEnd().split("\n"))).toEqual({ entries: 0 });
});

it("an export that was cut names the first entry that is missing", async () => {
  expect(await verdict(lines.slice(0, 601))).toEqual({
    entries: 600,
    brokenAt: { seq: 601, fault: "missing" },
  });
  expect(await verdict(without(17))).toEqual({
    entries: 16,
    brokenAt: { seq: 17, fault: "missing" },
  });
});

it.each([
  ["its reason", '"reason":"a\\nb"', '"reason":"a b"'],
  ["what was before", 'priceMinor\\":', 'priceMinor\\":1'],
  ["its time", /"at":"2/, '"at":"3'],
  ["its tenant", /"tenantId":"\w{8}/, '"tenantId":"00000000'],
  ["a field more", /}$/, ',"more":1}'],
  ["a line that is no JSON", /}$/, ""],
])("an entry with %s changed is named", async (_, from, to) => {
  const given = changed(9, from, to);
  expect(given[9]).not.toBe(lines[9]);
  expect(await verdict(given)).toEqual({ entries: 8, brokenAt: { seq: 9, fault: "altered" } });
});

it("another end than the one that it names is found", async () => {
  const other = changed(0, /"hash":"\w/, '"hash":"z');
  expect(await verdict(other)).toMatchObject({ brokenAt: { seq: 1_003, fault: "head" } });
  const shorter = changed(0, '"seq":1003', '"seq":1002');
  expect(await verdict(shorter)).toMatchObject({ brokenAt: { seq: 1_003, fault: "head" } });
});

it.each([[[]], [["seq,at,actorKind"]], [["{}"]], [['{"zeroraceAuditLog":2}']]])(
  "%j is no export, and is told so",
  async (given) => {
    await expect(verify(given)).rejects.toThrow(NoExportError);
  },
);
