import { closest } from "./base/closest.ts";
import { ConfigError, environment, readConfig } from "./base/config.ts";
import { helpOf, readValues, twoColumns, UsageError, type Command } from "./commands/command.ts";
import { auditListCommand, auditVerifyCommand } from "./commands/audit.ts";
import { claimLinkCommand } from "./commands/claim-link.ts";
import {
  parkedListCommand,
  parkedReplayCommand,
  rebuildCommand,
  reconcileCommand,
} from "./commands/copies.ts";
import { configCommand } from "./commands/config.ts";
import {
  keysCreateCommand,
  keysListCommand,
  keysRevokeCommand,
  keysRollCommand,
} from "./commands/keys.ts";
import { healthcheckCommand } from "./commands/healthcheck.ts";
import { migrateCommand } from "./commands/migrate.ts";
import {
  peopleInviteCommand,
  peopleListCommand,
  peopleRecoverCommand,
  peopleRemoveCommand,
  peopleRoleCommand,
} from "./commands/people.ts";
import { proveCommand } from "./commands/prove.ts";
import { swarmCommand } from "./commands/swarm.ts";
import { tenantsCreateCommand, tenantsListCommand } from "./commands/tenants.ts";
import { sandboxCommand } from "./commands/sandbox.ts";
import { serveCommand } from "./commands/serve.ts";
import { makeTerminal, type Terminal } from "./commands/terminal.ts";
import { upCommand } from "./commands/up.ts";
import { versionCommand } from "./commands/version.ts";
import { workerCommand } from "./commands/worker.ts";

/** A new command is a file of its own and a name here. */
const commands: readonly Command[] = [
  upCommand,
  serveCommand,
  workerCommand,
  migrateCommand,
  proveCommand,
  swarmCommand,
  sandboxCommand,
  healthcheckCommand,
  claimLinkCommand,
  tenantsCreateCommand,
  tenantsListCommand,
  peopleListCommand,
  peopleInviteCommand,
  peopleRecoverCommand,
  peopleRoleCommand,
  peopleRemoveCommand,
  keysCreateCommand,
  keysListCommand,
  keysRollCommand,
  keysRevokeCommand,
  auditListCommand,
  auditVerifyCommand,
  rebuildCommand,
  reconcileCommand,
  parkedListCommand,
  parkedReplayCommand,
  configCommand,
  versionCommand,
];

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
    terminal.result(overview());
    return 0;
  }
  const { command, args: options } = find(wantsHelp ? rest : [name, ...rest]);
  const values = readValues(command, wantsHelp ? [] : options);
  if (wantsHelp || values.help === true) {
    terminal.result(helpOf(command));
    return 0;
  }
  const config = readConfig(environment());
  return (await command.run({ values, config, terminal, signal })) ? 0 : 1;
}

/** The command that the first word names, or the first two, and what follows them. */
function find(words: readonly string[]): { command: Command; args: readonly string[] } {
  const [first = "", second = ""] = words;
  for (const [length, name] of [first, `${first} ${second}`].entries()) {
    const command = commands.find((one) => one.name === name);
    if (command) return { command, args: words.slice(length + 1) };
  }
  const names = commands.map((one) => one.name);
  const group = names.filter((one) => one.startsWith(`${first} `));
  if (group.length > 0) throw new UsageError(`zerorace ${first} is one of: ${group.join(", ")}.`);
  const meant = closest(first, [...names, "help"]);
  const hint = meant === undefined ? `there are ${names.join(", ")}.` : `did you mean ${meant}?`;
  throw new UsageError(`zerorace has no command "${first}": ${hint}`);
}

function overview(): string {
  return [
    "ZeroRace: a checkout that cannot oversell, double-charge or overspend.",
    "",
    "Usage: zerorace <command> [options]",
    "",
    "Commands:",
    ...twoColumns([
      ...commands.map(({ name, summary }) => [name, summary] as const),
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

await runToItsEnd();
