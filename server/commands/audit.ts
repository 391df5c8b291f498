import { listEntries, tenantsWithEntries, type HashedEntry } from "../audit/list-entries.ts";
import { checkChain } from "../audit/verify-chain.ts";
import { verdictOf, viewOf } from "../audit/wire.ts";
import type { Db } from "../db/open.ts";
import { json, wholeNumber, type Call, type Command } from "./command.ts";
import { tenantOf, whose, whoseKeys } from "./key-options.ts";
import { asTable } from "./table.ts";
import { withDatabase } from "./with-database.ts";

export const auditListCommand: Command = {
  name: "audit list",
  summary: "Show the newest entries of a tenant's audit log.",
  options: {
    ...whose,
    limit: { value: "N", says: "How many, 1 to 1,000.", fallback: "50" },
    json,
  },
  examples: [['audit list --organisation "Acme Ltd" --mode live', "who did what of late"]],
  async run(call) {
    const { values, terminal } = call;
    const whoseLog = whoseKeys(values);
    const limit = wholeNumber({ values, option: "limit", fallback: 50 }, 1, 1_000);
    return withDatabase(call, async (db) => {
      const { entries } = await listEntries(db, await tenantOf(db, whoseLog), {}, { limit });
      if (values.json === true) terminal.result(JSON.stringify({ entries: entries.map(viewOf) }));
      else if (entries.length > 0) terminal.result(asTable([headings, ...entries.map(asRow)]));
      else terminal.say("Nothing stands in this log yet.");
      return true;
    });
  },
};

const headings = ["SEQ", "AT", "ACTOR", "ACTION", "OBJECT", "REASON"];

function asRow(entry: HashedEntry): string[] {
  const { seq, at, actorKind, actorId, action, objectKind, objectId, reason } = entry;
  const cells = [String(seq), at, `${actorKind} ${actorId}`, action, `${objectKind} ${objectId}`];
  // What is written there by others must not steer the terminal, nor break the table.
  return [...cells, reason ?? ""].map((cell) => cell.replaceAll(/\p{Cc}|\p{Cf}/gu, "\uFFFD"));
}

export const auditVerifyCommand: Command = {
  name: "audit verify",
  summary: "Recompute the hashes of a tenant's audit log, or of all of them.",
  options: { ...whose, json },
  examples: [
    ["audit verify", "every log there is; ends with 1 if one of them is broken"],
    ["audit verify --tenant ID --json", "with the head's hash, to be kept elsewhere"],
  ],
  async run(call) {
    const { tenant, organisation, mode } = call.values;
    const one = (tenant ?? organisation ?? mode) === undefined ? undefined : whoseKeys(call.values);
    return withDatabase(call, async (db) => {
      const tenants = one ? [await tenantOf(db, one)] : await tenantsWithEntries(db);
      return verifyAll(call, db, tenants);
    });
  },
};

async function verifyAll(
  { values, terminal }: Call,
  db: Db,
  tenants: readonly string[],
): Promise<boolean> {
  const logs = [];
  for (const tenantId of tenants) {
    logs.push({ tenantId, ...verdictOf(await checkChain(db, tenantId)) });
  }
  if (values.json === true) terminal.result(JSON.stringify({ logs }));
  else if (logs.length === 0) terminal.say("There is no audit log yet.");
  else {
    const rows = logs.map(({ tenantId, entries, brokenAt, head }) => {
      const says = brokenAt ? `BROKEN at ${brokenAt.seq}: ${brokenAt.fault}` : "verified";
      return [tenantId, String(entries), says, head.hash];
    });
    terminal.result(asTable([["TENANT", "ENTRIES", "VERDICT", "HEAD"], ...rows]));
  }
  return logs.every(({ verified }) => verified);
}
