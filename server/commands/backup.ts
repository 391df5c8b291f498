import type { Config } from "../base/config.ts";
import { nameOfKey, readSealingKey } from "../base/seal.ts";
import { createBackup } from "../backups/create.ts";
import { BackupError } from "../backups/format.ts";
import { verifyBackup } from "../backups/read.ts";
import { restoreBackup } from "../backups/restore.ts";
import { keepNewest, listBackups, newestBackup } from "../backups/shelf.ts";
import { proofAsText } from "../proof/report.ts";
import { holds } from "../proof/prove.ts";
import { json, UsageError, wholeNumber, type Command, type Values } from "./command.ts";
import { asTable } from "./table.ts";
import { readVersion } from "../base/version.ts";
import { withDatabase } from "./with-database.ts";

const dir = { value: "DIR", says: "The folder of backups. Default: ZERORACE_BACKUP_DIR." };
const file = { value: "FILE", says: "The backup; or --latest." };
const latest = { says: "The newest one in the folder." };

export const backupCreateCommand: Command = {
  name: "backup create",
  summary: "Write one consistent backup of everything, while it sells.",
  options: {
    dir,
    keep: { value: "N", says: "Afterwards delete all but the newest N. Default: delete none." },
    json,
  },
  examples: [
    ["backup create", "into the folder that ZERORACE_BACKUP_DIR names"],
    ["backup create --keep 14", "each night, from a scheduler"],
  ],
  async run(call) {
    const { config, terminal, values, signal } = call;
    refuseDsql(config);
    const keep = wholeNumber({ values, option: "keep", fallback: 0 }, 1, 10_000);
    const folder = folderOf(values, config);
    const startedAt = performance.now();
    const made = await withDatabase(call, (db) =>
      createBackup(db, {
        dir: folder,
        version: readVersion(),
        sealingKey: nameOfKey(readSealingKey(config)),
        signal,
        onTable: (name) => terminal.progress(0, name),
      }),
    );
    const gone = values.keep === undefined ? [] : await keepNewest(folder, keep);
    const { path, bytes, header, rows } = made;
    const ms = Math.round(performance.now() - startedAt);
    if (values.json === true) {
      terminal.result(JSON.stringify({ path, at: header.at, rows, bytes, ms, deleted: gone }));
      return true;
    }
    terminal.result(path);
    terminal.say(
      `As of ${header.at}: ${whole(rows)} rows, ${size(bytes)}, in ${(ms / 1000).toFixed(1)} s` +
        `${gone.length > 0 ? `; ${gone.length} older deleted` : ""}. ` +
        "Keep the sealing key elsewhere: it is not in it, and webhooks' secrets cannot be read without it.",
    );
    return true;
  },
};

export const backupListCommand: Command = {
  name: "backup list",
  summary: "List the backups of a folder, newest first.",
  options: { dir, json },
  examples: [["backup list", "in the folder that ZERORACE_BACKUP_DIR names"]],
  async run({ config, terminal, values }) {
    const folder = folderOf(values, config);
    const found = await listBackups(folder);
    if (values.json === true) terminal.result(JSON.stringify({ backups: found }));
    else if (found.length === 0) terminal.say(`There is no backup in ${folder}.`);
    else {
      const rows = found.map(({ path, bytes, at, version, problem }) => [
        at ?? "?",
        size(bytes),
        version ?? "?",
        problem === undefined ? path : `${path}: ${problem}`,
      ]);
      terminal.result(asTable([["AS OF", "SIZE", "VERSION", "FILE"], ...rows]));
    }
    return true;
  },
};

export const backupVerifyCommand: Command = {
  name: "backup verify",
  summary:
    "Read a backup to its end and hold every table against its checksum; no database is needed.",
  options: { file, latest, dir, json },
  examples: [["backup verify --latest", "1 when it cannot be trusted"]],
  async run({ config, terminal, values }) {
    const path = await chosen(values, config);
    const { header, footer } = await verifyBackup(path).catch((error: unknown) => {
      throw new Error(`${path}: ${(error as Error).message}.`, { cause: error });
    });
    const tables = Object.entries(footer.tables);
    const rows = tables.reduce((sum, [, one]) => sum + one.rows, 0);
    if (values.json === true) {
      terminal.result(JSON.stringify({ path, at: header.at, version: header.version, rows }));
    } else {
      terminal.result(
        `${path}\nWhole, as of ${header.at}, of version ${header.version}: ${whole(rows)} rows in ` +
          `${tables.length} tables.`,
      );
    }
    return true;
  },
};

export const backupRestoreCommand: Command = {
  name: "backup restore",
  summary:
    "Load a backup into an empty database, and prove the books before anybody can sell on them.",
  options: { file, latest, dir, json },
  examples: [
    ["backup restore --latest", "1, and nothing is loaded, when an invariant does not hold"],
    ["backup restore --file FILE", "while no server runs on that database"],
  ],
  async run(call) {
    const { config, terminal, values } = call;
    refuseDsql(config);
    const path = await chosen(values, config);
    const restored = await withDatabase(
      call,
      (db) => restoreBackup(db, path, (name) => terminal.progress(0, name)),
      { migrates: true },
    ).catch((error: unknown) => {
      if (!(error instanceof BackupError)) throw error;
      throw new Error(`${path}: ${error.message}.`, { cause: error });
    });
    const { header, rows, proof, upgradedBy } = restored;
    const ok = holds(proof);
    if (values.json === true) {
      terminal.result(JSON.stringify({ path, at: header.at, rows, upgradedBy, holds: ok }));
      return ok;
    }
    terminal.result(proofAsText(proof));
    if (!ok) terminal.say("Nothing was restored: these books do not hold.");
    else {
      terminal.say(
        `Restored as of ${header.at}: ${whole(rows)} rows` +
          `${upgradedBy > 0 ? `, and ${upgradedBy} steps of the schema taken` : ""}. Everybody signs in ` +
          "again. Copies in DynamoDB and Redis may be newer than this: empty both, then `zerorace rebuild`.",
      );
      if (nameOfKey(readSealingKey(config)) !== header.sealingKey) {
        terminal.say(
          "This installation has another sealing key than the one that was in use: webhooks' secrets " +
            "cannot be read. Set ZERORACE_SEALING_KEY to the old one.",
        );
      }
    }
    return ok;
  },
};

function refuseDsql({ database }: Config): void {
  if (database !== "dsql") return;
  throw new UsageError(
    "Aurora DSQL is backed up by AWS Backup, cluster by cluster: `aws backup start-backup-job` makes a " +
      "backup, a plan makes them nightly, and a restore makes a new cluster; then `zerorace prove` on it. " +
      "See docs/how-to/backup.md.",
  );
}

function folderOf({ dir: given }: Values, { backupDir }: Config): string {
  return typeof given === "string" ? given : backupDir;
}

async function chosen(values: Values, config: Config): Promise<string> {
  const { file: given } = values;
  if ((typeof given === "string") === (values.latest === true)) {
    throw new UsageError("Which backup? Say either --file FILE or --latest.");
  }
  if (typeof given === "string") return given;
  const folder = folderOf(values, config);
  const newest = await newestBackup(folder);
  if (!newest) throw new UsageError(`There is no backup in ${folder}.`);
  return newest.path;
}

const whole = (count: number): string => count.toLocaleString("en-US");

export function size(bytes: number): string {
  const [unit, over] = bytes < 1e6 ? ["kB", 1e3] : bytes < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
  return `${(bytes / Number(over)).toFixed(1)} ${unit}`;
}
