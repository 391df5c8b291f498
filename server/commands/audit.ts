import { createReadStream } from "node:fs";
import { createInterface } from "node:readline/promises";
import type { Break } from "../audit/chain-walk.ts";
import { exportLog } from "../audit/export-log.ts";
import { instanceChain } from "../audit/instance-chain.ts";
import { listEntries, tenantsWithEntries } from "../audit/list-entries.ts";
import { checkChain, type HashedEntry } from "../audit/verify-chain.ts";
import { NoExportError, verifyExport, type VerifiedExport } from "../audit/verify-export.ts";
import { verdictOf, viewOf } from "../audit/wire.ts";
import type { Db } from "../db/open.ts";
import { json, UsageError, wholeNumber, type Call, type Command } from "./command.ts";
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
      if (values.json === true)
        terminal.result(JSON.stringify({ entries: entries.map((entry) => viewOf(entry)) }));
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
  summary: "Recompute the hashes of a tenant's audit log, of all of them, or of an export.",
  options: {
    ...whose,
    file: { value: "PATH", says: "An export, by itself: no database is needed." },
    head: { value: "HASH", says: "What the last entry's hash was when it was noted elsewhere." },
    json,
  },
  examples: [
    ["audit verify", "every log there is; ends with 1 if one of them is broken"],
    ["audit verify --tenant ID --json", "with the head's hash, to be kept elsewhere"],
    ["audit verify --file audit.jsonl", "on any machine, what `audit export` wrote"],
  ],
  async run(call) {
    const { tenant, organisation, mode, file, head } = call.values;
    const isOne = (tenant ?? organisation ?? mode) !== undefined;
    if (typeof file === "string") {
      if (!isOne) return verifyFile(call, file);
      throw new UsageError("An export says whose log it is: leave the tenant away beside --file.");
    }
    if (head !== undefined) throw new UsageError("--head goes with --file.");
    const one = isOne ? whoseKeys(call.values) : undefined;
    return withDatabase(call, async (db) => {
      const tenants = one ? [await tenantOf(db, one)] : await tenantsWithEntries(db);
      return verifyAll(call, db, tenants);
    });
  },
};

async function verifyFile({ values, terminal }: Call, path: string): Promise<boolean> {
  const { first, ...verdict } = await readExport(path);
  const known = values.head;
  const isOther = typeof known === "string" && known.toLowerCase() !== first.head.hash;
  const { verified, entries, brokenAt, head } = verdictOf({ ...verdict, head: first.head });
  const isFine = verified && !isOther;
  const { tenantId, exportedAt } = first;
  if (values.json === true) {
    const log = { tenantId, exportedAt, verified: isFine, entries, brokenAt, head };
    terminal.result(JSON.stringify(log));
  } else if (brokenAt) {
    terminal.result(`BROKEN at entry ${brokenAt.seq}: ${faultWords[brokenAt.fault]}`);
  } else if (isOther) {
    terminal.result(`ANOTHER LOG: it ends with ${head.hash}, not with ${known}.`);
  } else {
    terminal.result(`Verified to entry ${entries}: no entry is changed, missing or moved.`);
  }
  terminal.say(`Log of tenant ${tenantId}, exported ${exportedAt}; its end is ${head.hash}.`);
  return isFine;
}

async function readExport(path: string): Promise<VerifiedExport> {
  const input = createReadStream(path, "utf8");
  try {
    return await verifyExport(createInterface({ input, crlfDelay: Infinity }));
  } catch (error) {
    if (error instanceof NoExportError) throw new UsageError(error.message);
    const { code } = error as { code?: string };
    if (code === "ENOENT") throw new UsageError(`There is no file ${path}.`);
    if (code === "EISDIR") throw new UsageError(`${path} is a directory.`);
    throw error;
  } finally {
    input.destroy();
  }
}

const faultWords: Readonly<Record<Break["fault"], string>> = {
  missing: "there is no entry with this number, though there was one.",
  altered: "its content is not what its hash is of.",
  unlinked: "it does not follow on the entry before it.",
  head: "it is not the one that the log ends with.",
};

export const auditExportCommand: Command = {
  name: "audit export",
  summary: "Write a tenant's whole audit log as JSON lines that prove themselves.",
  options: { ...whose, instance: { says: "The log of this installation instead." } },
  examples: [
    ["audit export --tenant ID > audit.jsonl", "then, anywhere: audit verify --file audit.jsonl"],
  ],
  async run(call) {
    const { instance, tenant, organisation, mode } = call.values;
    const isOne = (tenant ?? organisation ?? mode) !== undefined;
    if (instance === true && isOne) throw new UsageError("--instance stands alone.");
    const one = instance === true ? undefined : whoseKeys(call.values);
    return withDatabase(call, async (db) => {
      const chain = one ? await tenantOf(db, one) : instanceChain;
      for await (const part of exportLog(db, chain)) call.terminal.result(part);
      return true;
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
