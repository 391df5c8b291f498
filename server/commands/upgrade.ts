import { statfs } from "node:fs/promises";
import type { Config } from "../base/config.ts";
import { newestBackup } from "../backups/shelf.ts";
import { SchemaError } from "../db/migration-step.ts";
import type { Db } from "../db/open.ts";
import { unusableIndexes } from "../db/ready.ts";
import { readSize } from "../db/size.ts";
import { readNoted } from "../proof/noted.ts";
import { size as inWords } from "./backup.ts";
import { json, UsageError, type Command } from "./command.ts";
import { asTable } from "./table.ts";
import { readVersion } from "../base/version.ts";
import { lookAtSteps, type Check } from "./upgrade-steps.ts";
import { withDatabase } from "./with-database.ts";

export const upgradeCommand: Command = {
  name: "upgrade",
  summary:
    "Say what stands in the way of running this version on this database; nothing is changed.",
  options: { check: { says: "Must be given: upgrading itself is `zerorace migrate`." }, json },
  examples: [
    ["upgrade --check", "with the new image, while the old one sells; 1 when it would go wrong"],
  ],
  async run(call) {
    const { config, terminal, values } = call;
    if (values.check !== true) {
      throw new UsageError(
        "zerorace upgrade --check looks; the upgrade itself is `zerorace migrate` with the new version, " +
          "then the new server in place of the old one.",
      );
    }
    const checks = await withDatabase(call, (db) => lookAround(db, config), { migrates: true });
    const ok = checks.every(({ verdict }) => verdict !== "stop");
    if (values.json === true)
      terminal.result(JSON.stringify({ version: readVersion(), ok, checks }));
    else {
      terminal.result(asTable(checks.map(({ verdict, about, says }) => [verdict, about, says])));
      terminal.say(
        ok
          ? `Nothing stands in the way of ${readVersion()}: zerorace migrate, then its server and worker.`
          : `Not yet: ${readVersion()} would not run on this database as it is.`,
      );
    }
    return ok;
  },
};

async function lookAround(db: Db, config: Config): Promise<readonly Check[]> {
  const size = await readSize(db);
  const steps = await lookAtSteps(db, size).catch((error: unknown) => {
    if (!(error instanceof SchemaError)) throw error;
    return [{ about: "schema", verdict: "stop", says: error.message } as const];
  });
  // Without a schema there is nothing else to look at.
  if (steps.some(({ verdict, about }) => verdict === "stop" || about === "empty")) return steps;
  const isPostgres = config.database === "postgres";
  return [
    ...steps,
    await lookAtIndexes(db),
    await lookAtInvariants(db),
    ...(isPostgres ? [await lookAtBackups(config), await lookAtDisk(config, size.bytes)] : []),
  ];
}

async function lookAtIndexes(db: Db): Promise<Check> {
  const broken = await unusableIndexes(db);
  return broken.length === 0
    ? { about: "indexes", verdict: "ok", says: "all are valid" }
    : { about: "indexes", verdict: "stop", says: `not valid: ${broken.join(", ")}` };
}

const dayMs = 86_400_000;

async function lookAtInvariants(db: Db): Promise<Check> {
  const about = "invariants";
  const noted = [...(await readNoted(db).catch(() => new Map<string, never>())).values()];
  const broken = noted.filter(({ breaches }) => breaches > 0n).map(({ name }) => name);
  if (broken.length > 0) {
    const says = `broken: ${broken.join(", ")}. Find out why before anything is changed: zerorace prove`;
    return { about, verdict: "stop", says };
  }
  const oldest = Math.min(...noted.map(({ checkedAt }) => checkedAt.getTime()));
  if (noted.length === 0 || Date.now() - oldest > dayMs) {
    const says = "nobody has looked for a day: is a worker running? zerorace prove looks now";
    return { about, verdict: "look", says };
  }
  return { about, verdict: "ok", says: `${noted.length} held when a worker last looked` };
}

async function lookAtBackups({ backupDir }: Config): Promise<Check> {
  const about = "backup";
  const newest = await newestBackup(backupDir);
  if (newest?.at === undefined) {
    const says = `there is none in ${backupDir}: zerorace backup create`;
    return { about, verdict: "look", says };
  }
  const isOld = Date.now() - Date.parse(newest.at) > dayMs;
  return { about, verdict: isOld ? "look" : "ok", says: `the newest is of ${newest.at}` };
}

async function lookAtDisk({ backupDir }: Config, bytes: number): Promise<Check> {
  const about = "disk";
  const free = await freeBytes(backupDir);
  if (free === undefined) return { about, verdict: "look", says: `${backupDir} is not there yet` };
  return {
    about,
    verdict: free < 2 * bytes ? "look" : "ok",
    says: `${inWords(free)} free in ${backupDir}, the database has ${inWords(bytes)}`,
  };
}

/** What is free on the disk of a folder; undefined where nobody can tell. */
async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
