import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  helpOf,
  readValues,
  UsageError,
  wholeNumber,
  type Usage,
} from "../server/commands/command.ts";
import { makeTemplate } from "../server/testing/global-setup.ts";
import { startTestServer } from "../server/testing/server.ts";
import { mutants } from "./list.ts";
import { runVerify } from "./by-verify.ts";
import { longer, placesOf, theCommand, type Change, type Mutant } from "./mutant.ts";

const usage: Usage = {
  program: "npm run",
  name: "mutants --",
  takes: "[WORDS]",
  summary: "Break the product on purpose, and see whether a test notices.",
  options: {
    "one-in": { value: "N", says: "One mutant of so many.", fallback: "1" },
    turn: { value: "N", says: "Another turn takes others.", fallback: "0" },
  },
  examples: [
    ["mutants", "all of them, in some 40 minutes"],
    ['mutants -- "sold out" redis', "those with one of these in their name"],
    ["mutants -- --one-in 4 --turn 7", "a quarter of them, another one for another turn"],
  ],
};

const top = fileURLToPath(new URL("..", import.meta.url));
const copied = [
  "server",
  "worker",
  "dsql-local",
  "migrations",
  "docs",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
];
/** Migrated once, by what is whole: no mutant changes a migration. */
const template = "zerorace_template_of_mutants";
/** The database of the tests shares the machine with them. */
const atOnce = 2;
const limitMs = 300_000;

interface Verdict {
  readonly mutant: Mutant;
  readonly result: "caught" | "SURVIVED" | "OUT OF DATE" | "NO TEST RAN";
  readonly says: string;
  /** The first line of what the test complained about. */
  readonly because: string;
  readonly seconds: number;
}

async function mutate(root: string, { file, find, replace }: Change): Promise<string | undefined> {
  const path = join(root, file);
  const text = await readFile(path, "utf8");
  const places = placesOf(text, find);
  const [place] = places;
  if (places.length !== 1 || !place) return `${file} has the text ${places.length} times: ${find}`;
  const after = text.slice(place.index + place[0].length);
  await writeFile(path, text.slice(0, place.index) + replace + after);
  return undefined;
}

async function judge(mutant: Mutant, databaseUrl: string): Promise<Verdict> {
  const startedAt = performance.now();
  const root = await mkdtemp(join(await realpath(tmpdir()), "zerorace-mutant-"));
  const verdict = (result: Verdict["result"], says: string, because = ""): Verdict => {
    return { mutant, result, says, because, seconds: (performance.now() - startedAt) / 1_000 };
  };
  try {
    for (const name of copied) await cp(join(top, name), join(root, name), { recursive: true });
    await symlink(join(top, "node_modules"), join(root, "node_modules"));
    for (const change of [longer, ...mutant.changes]) {
      const stale = await mutate(root, change);
      if (stale) return verdict("OUT OF DATE", stale);
    }
    const { code, output, ran, because } = await run(root, mutant, databaseUrl);
    if (!ran) return verdict("NO TEST RAN", output.trim().split("\n").at(-1) ?? "");
    const isCaught = mutant.changes.length > 0 ? code !== 0 : code === 0;
    return verdict(isCaught ? "caught" : "SURVIVED", mutant.caughtBy.join(": "), because);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function run(root: string, { caughtBy, breaks = "" }: Mutant, databaseUrl: string) {
  const [file, tests] = caughtBy;
  return file === theCommand
    ? runVerify(root, tests, breaks)
    : runTests(root, caughtBy, databaseUrl);
}

async function runTests(
  root: string,
  [file, tests]: Mutant["caughtBy"],
  databaseUrl: string,
): Promise<{ code: number | null; output: string; ran: boolean; because: string }> {
  const report = join(root, "report.json");
  const reporters = ["--reporter=json", `--outputFile=${report}`];
  const pattern = tests.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  // The command is handed its database by name and nothing else of ours; the rest is inherited.
  const args = [
    `ZERORACE_TEST_DATABASE_URL=${databaseUrl}`,
    `TEST_TEMPLATE=${template}`,
    process.execPath,
    vitest,
    "run",
    file,
    "-t",
    pattern,
    "--bail=1",
    ...reporters,
  ];
  const child = spawn("env", args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (output += part.toString()));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  const code = await promise;
  clearTimeout(timer);
  return { code, output, ...(await readReport(report)) };
}

interface Report {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly testResults?: readonly {
    readonly assertionResults: readonly { readonly failureMessages?: readonly string[] }[];
  }[];
}

/** A pattern that matches nothing catches nothing, however the run ended. */
async function readReport(path: string): Promise<{ ran: boolean; because: string }> {
  const report = JSON.parse(await readFile(path, "utf8").catch(() => "{}")) as Report;
  const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = report;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const [message = ""] = results.flatMap(({ failureMessages }) => failureMessages ?? []);
  const because = message.split("\n")[0]?.replace(/^\w*Error: /, "") ?? "";
  return { ran: numPassedTests + numFailedTests > 0, because };
}

/** Undefined where the help is asked for. */
function chosenBy(args: readonly string[]): Mutant[] | undefined {
  const options = args.findIndex((one) => one.startsWith("-"));
  const words = options < 0 ? args : args.slice(0, options);
  const values = readValues(usage, args.slice(words.length));
  if (values.help === true) return undefined;
  const share = wholeNumber({ values, option: "one-in", fallback: 1 }, 1, mutants.length);
  const turn = wholeNumber({ values, option: "turn", fallback: 0 }, 0, 1_000_000_000) % share;
  const chosen = mutants.filter(
    ({ name }, at) =>
      at % share === turn && (words.length === 0 || words.some((word) => name.includes(word))),
  );
  if (chosen.length === 0)
    throw new UsageError(`No mutant's name has ${words.join(" or ")} in it.`);
  return chosen;
}

async function main(chosen: readonly Mutant[]): Promise<boolean> {
  const waiting = [...chosen];
  const server = await startTestServer();
  const verdicts: Verdict[] = [];
  try {
    await makeTemplate(server.url, template, "postgres");
    const judges = Array.from({ length: atOnce }, async () => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const verdict = await judge(mutant, server.url);
        verdicts.push(verdict);
        print(verdict);
      }
    });
    await Promise.all(judges);
  } finally {
    await server.stop();
  }
  const caught = verdicts.filter(({ result }) => result === "caught").length;
  process.stdout.write(tableOf(verdicts));
  process.stdout.write(`${caught} of ${chosen.length} mutants caught\n`);
  return caught === chosen.length;
}

function print({ mutant, result, says, seconds }: Verdict): void {
  const columns = [
    mutant.name.padEnd(60),
    result.padEnd(11),
    `${seconds.toFixed(1)} s`.padStart(7),
    says,
  ];
  process.stdout.write(`${columns.join("  ")}\n`);
}

/** Mutant by what caught it, as Markdown: to be kept with a release. */
function tableOf(verdicts: readonly Verdict[]): string {
  const cell = (text: string): string => text.slice(0, 120).replaceAll("|", "\\|");
  const rows = verdicts
    .toSorted((a, b) => mutants.indexOf(a.mutant) - mutants.indexOf(b.mutant))
    .map(({ mutant, result, because }) => {
      const [file, tests] = mutant.caughtBy;
      const by = result === "caught" ? `${file}: ${tests}` : `**${result}**`;
      const { breaks = "", under = [] } = mutant;
      const cells = [mutant.name, breaks, under.join(", "), by, because].map(cell);
      return `| ${cells.join(" | ")} |`;
    });
  const head = [
    "| mutant | breaks | under | caught by | because |",
    "| --- | --- | --- | --- | --- |",
  ];
  return ["", ...head, ...rows, "", ""].join("\n");
}

try {
  const chosen = chosenBy(process.argv.slice(2));
  if (chosen === undefined) process.stdout.write(helpOf(usage));
  else process.exitCode = (await main(chosen)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`mutants: ${error.message}\n`);
  process.exitCode = 2;
}
