import { enableCompileCache } from "node:module";
import { closest } from "./base/closest.ts";
import { ConfigError, environment, readConfig, type Config } from "./base/config.ts";
import { helpOf, readValues, twoColumns, UsageError, type Command } from "./commands/command.ts";
import { makeTerminal, type Terminal } from "./commands/terminal.ts";

/**
 * A new command is a file of its own and a line here. Only the one that is asked for is loaded: a health
 * check every ten seconds is not to load a server.
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import("./commands/up.ts")).upCommand,
  serve: async () => (await import("./commands/serve.ts")).serveCommand,
  worker: async () => (await import("./commands/worker.ts")).workerCommand,
  migrate: async () => (await import("./commands/migrate.ts")).migrateCommand,
  prove: async () => (await import("./commands/prove.ts")).proveCommand,
  purge: async () => (await import("./commands/purge.ts")).purgeCommand,
  swarm: async () => (await import("./commands/swarm.ts")).swarmCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  sandbox: async () => (await import("./commands/sandbox.ts")).sandboxCommand,
  "sandbox reset": async () => (await import("./commands/sandbox.ts")).sandboxResetCommand,
  "dsql-local": async () => (await import("./commands/dsql-local.ts")).dsqlLocalCommand,
  healthcheck: async () => (await import("./commands/healthcheck.ts")).healthcheckCommand,
  init: async () => (await import("./commands/init.ts")).initCommand,
  "claim-link": async () => (await import("./commands/claim-link.ts")).claimLinkCommand,
  "tenants create": async () => (await import("./commands/tenants.ts")).tenantsCreateCommand,
  "tenants list": async () => (await import("./commands/tenants.ts")).tenantsListCommand,
  "people list": async () => (await import("./commands/people.ts")).peopleListCommand,
  "people invite": async () => (await import("./commands/people.ts")).peopleInviteCommand,
  "people recover": async () => (await import("./commands/people.ts")).peopleRecoverCommand,
  "people role": async () => (await import("./commands/people.ts")).peopleRoleCommand,
  "people remove": async () => (await import("./commands/people.ts")).peopleRemoveCommand,
  "keys create": async () => (await import("./commands/keys.ts")).keysCreateCommand,
  "keys list": async () => (await import("./commands/keys.ts")).keysListCommand,
  "keys roll": async () => (await import("./commands/keys.ts")).keysRollCommand,
  "keys revoke": async () => (await import("./commands/keys.ts")).keysRevokeCommand,
  "audit list": async () => (await import("./commands/audit.ts")).auditListCommand,
  "audit verify": async () => (await import("./commands/audit.ts")).auditVerifyCommand,
  "audit export": async () => (await import("./commands/audit.ts")).auditExportCommand,
  rebuild: async () => (await import("./commands/copies.ts")).rebuildCommand,
  reconcile: async () => (await import("./commands/copies.ts")).reconcileCommand,
  "parked list": async () => (await import("./commands/copies.ts")).parkedListCommand,
  "parked replay": async () => (await import("./commands/copies.ts")).parkedReplayCommand,
  "backup create": async () => (await import("./commands/backup.ts")).backupCreateCommand,
  "backup list": async () => (await import("./commands/backup.ts")).backupListCommand,
  "backup verify": async () => (await import("./commands/backup.ts")).backupVerifyCommand,
  "backup restore": async () => (await import("./commands/backup.ts")).backupRestoreCommand,
  wait: async () => (await import("./commands/wait.ts")).waitCommand,
  trial: async () => (await import("./commands/trial.ts")).trialCommand,
  upgrade: async () => (await import("./commands/upgrade.ts")).upgradeCommand,
  support: async () => (await import("./commands/support.ts")).supportCommand,
  config: async () => (await import("./commands/config.ts")).configCommand,
  version: async () => (await import("./commands/version.ts")).versionCommand,
};

/** 0: as asked. 1: it failed, or the proof found something. 2: the command line is wrong. */
type ExitCode = 0 | 1 | 2;

async function main(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const [first = "help", ...rest] = args;
  const name = first === "--version" || first === "-v" ? "version" : first;
  const wantsHelp = ["help", "--help", "-h"].includes(name);
  if (wantsHelp && rest.length === 0) {
    terminal.result(await overview());
    return 0;
  }
  const { command, args: options } = await find(wantsHelp ? rest : [name, ...rest]);
  const values = readValues(command, wantsHelp ? [] : options);
  if (wantsHelp || values.help === true) {
    terminal.result(helpOf(command));
    return 0;
  }
  const config = readConfig(environment());
  await armOnPurpose(config, terminal);
  return (await command.run({ values, config, terminal, signal })) ? 0 : 1;
}

interface Found {
  readonly command: Command;
  readonly args: readonly string[];
}

/** For tests only, and so loaded for them only. */
async function armOnPurpose(config: Config, terminal: Terminal): Promise<void> {
  if (config.crashAt === undefined) return;
  const { arm } = await import("./commands/arm.ts");
  arm(config, terminal);
}

/** The command that the first two words name, or the first, and what follows them. */
async function find(words: readonly string[]): Promise<Found> {
  const [first = "", second = ""] = words;
  for (const name of [`${first} ${second}`, first]) {
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load) return { command: await load(), args: words.slice(name.split(" ").length) };
  }
  const names = Object.keys(commands);
  const group = names.filter((one) => one.startsWith(`${first} `));
  if (group.length > 0) throw new UsageError(`zerorace ${first} is one of: ${group.join(", ")}.`);
  const meant = closest(first, [...names, "help"]);
  const hint = meant === undefined ? `there are ${names.join(", ")}.` : `did you mean ${meant}?`;
  throw new UsageError(`zerorace has no command "${first}": ${hint}`);
}

async function overview(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return [
    "ZeroRace: a checkout that cannot oversell, double-charge or overspend.",
    "",
    "Usage: zerorace <command> [options]",
    "",
    "Commands:",
    ...twoColumns([
      ...all.map(({ name, summary }) => [name, summary] as const),
      ["help COMMAND", "Show a command's options and examples."],
    ]),
    "",
    "Without ZERORACE_DATABASE_URL a PostgreSQL of its own is started, and stopped at the end.",
    "",
  ].join("\n");
}

/** What went wrong, for a person: a driver's error may be empty and keep its reasons inside. */
function sentenceOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(sentenceOf).join("; ");
  }
  return error instanceof Error ? error.message || error.name : String(error);
}

const oneWishMs = 500;

async function runToItsEnd(): Promise<void> {
  const terminal = makeTerminal(process);
  const stopping = new AbortController();
  let exitCode: number | undefined;
  let stoppedAt = 0;
  for (const [name, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(name, () => {
      // Ctrl-C under npm comes twice, from the terminal and from npm: that is one wish.
      if (exitCode !== undefined && performance.now() - stoppedAt < oneWishMs) return;
      // Asked again: at once. The embedded PostgreSQL stops by itself when we are gone.
      if (exitCode !== undefined) process.exit(code);
      exitCode = code;
      stoppedAt = performance.now();
      terminal.say("Stopping…");
      stopping.abort();
    });
  }
  try {
    process.exitCode = await main(process.argv.slice(2), terminal, stopping.signal);
    // A server that was told to stop and has stopped did as asked.
    exitCode &&= process.exitCode;
  } catch (error) {
    if (!stopping.signal.aborted) terminal.say(`zerorace: ${sentenceOf(error)}`);
    process.exitCode = error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
  }
  // What was interrupted may still hold a connection that nobody waits for.
  if (exitCode !== undefined) process.exit(exitCode);
}

// What a command loads is compiled once, not at every start.
enableCompileCache();
await runToItsEnd();
