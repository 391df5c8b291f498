import type { CopiesReport } from "./copies-report.ts";
import { faultsOn } from "./faults.ts";
import type { OutsideReport } from "./outside-report.ts";
import type { Strike, VerifyReport } from "./tally.ts";

/** For people, and to be kept with a release: Markdown that reads as text, too. */
export function verifyAsMarkdown(report: VerifyReport): string {
  const { seed, seconds, minutes, rounds, operations, attempts, commands, strikes } = report;
  const counts = [
    ["Version", report.version],
    ["Against", againstOf(report)],
    ["Seed", String(seed)],
    ["Time", `${seconds} s (asked for: ${minutes} min), ${whole(rounds)} worlds`],
    ["Operations", `${whole(operations)}, ${whole(commands)} commands between them`],
    ["Attempts recorded", whole(attempts)],
    ["Heard", heardOf(report.heard)],
    ["Faults injected", whole(strikes.length)],
    ...outsideOf(report.outside),
  ];
  const { oversells, duplicateSettlements, ledgerDrift, mandateBreaches } = report.invariants;
  const four = `oversells ${oversells}, duplicate settlements ${duplicateSettlements}, ledger drift ${ledgerDrift}, mandate breaches ${mandateBreaches}`;
  return [
    `# ${titleOf(report)}`,
    "",
    ...failedOf(report),
    ...table(["", ""], counts),
    "",
    `The same asks again: \`${lineOf(report)}\``,
    "",
    "## Promises",
    "",
    ...table(
      ["", "promise", "violations"],
      report.checks.map(({ name, says, violations }) => [
        name,
        notes(report, name) ?? says,
        violations === undefined ? "not looked at" : whole(violations),
      ]),
    ),
    "",
    `The books: ${four}; ${whole(report.foundInTheBooks)} found by all audits together.`,
    "",
    ...copiesOf(report.copies),
    ...faultsOf(report),
    ...report.shown.flatMap(({ seed: world, check, says, history, faults }) => [
      world === undefined ? `## ${check}` : `## ${check}, in the world of seed ${world}`,
      "",
      says,
      "",
      ...(faults.length > 0 ? [`At work meanwhile: ${faults.join(", ")}.`, ""] : []),
      ...(history.length > 0 ? ["```", ...history, "```", ""] : []),
    ]),
  ].join("\n");
}

function titleOf({ ok, failed, stopped, checks, foundInTheBooks }: VerifyReport): string {
  const broken = foundInTheBooks > 0 || checks.some(({ violations = 0 }) => violations > 0);
  if (broken) return "A PROMISE WAS BROKEN";
  if (failed !== undefined) return "The run did not come to its end";
  return stopped && ok ? "Every promise was kept until it was stopped" : "Every promise was kept";
}

function failedOf({ failed }: VerifyReport): string[] {
  if (failed === undefined) return [];
  return [`It could not go on: ${failed}`, "", "What follows was judged before.", ""];
}

const called = { postgres: "PostgreSQL", dsql: "a local Aurora DSQL" };

function againstOf({ engine, servers = 0 }: VerifyReport): string {
  if (engine === undefined) return "the database of the settings, as a guest";
  return `${called[engine]} of its own, with ${servers} ${servers === 1 ? "server" : "servers"} and a worker`;
}

/** All that decides what is asked. */
function lineOf(report: VerifyReport): string {
  const { engine, servers, minutes, seed, worldsAtOnce, operationsPerWorld, clients } = report;
  return [
    "zerorace verify",
    engine === undefined ? "--here" : `--engine ${engine} --servers ${servers}`,
    `--minutes ${minutes} --seed ${seed} --worlds ${worldsAtOnce}`,
    `--operations ${operationsPerWorld} --clients ${clients}`,
    ...faultsAskedIn(report),
  ].join(" ");
}

function faultsAskedIn({ engine, faults, leftOut }: VerifyReport): string[] {
  const names = [...faults, ...leftOut.map(({ name }) => name)];
  if (faultsOn(engine).every(({ name }) => names.includes(name))) return [];
  return [`--faults ${names.join(",") || "none"}`];
}

/** What a run could not look at is not said to hold. */
function notes({ witnessed, copies, outside }: VerifyReport, name: string): string | undefined {
  if (name === "C11" && outside === undefined)
    return "(The audit log was not looked at: kernels alone note nothing.)";
  if (name === "C8" && copies === undefined)
    return "(The copies were not looked at: nobody reads them in this run.)";
  if (name === "C10" && !witnessed)
    return "(Events were not looked at: a worker that is not ours may tell them meanwhile.)";
  if (name === "C7" && !witnessed)
    return "Stock and mandates are never oversold in sum. (No witness of each bucket: it is not our database.)";
  return undefined;
}

function copiesOf(copies: CopiesReport | undefined): string[] {
  if (copies === undefined) return [];
  const { reads, sums, behindMs, ageMs, documents, convergedMs } = copies;
  const times = ({ p50, p99, max }: CopiesReport["ageMs"]): string[] =>
    [p50, p99, max].map((one) => ms(one));
  const looks = `${whole(reads)} looks at documents, ${whole(sums.copies)} at sums from the copies and ${whole(sums.books)} at sums from the books in their place.`;
  const end = `At the end of a world each of its copies was held against the books, ${whole(documents)} in all: they were equal ${ms(convergedMs)} after the last answer, in the slowest world.`;
  return [
    "## Copies",
    "",
    `${looks} ${end}`,
    "",
    ...table(
      ["how far behind", "median", "p99", "longest"],
      [
        ["a purchase: since the first change that was not there yet", ...times(behindMs)],
        ["sums: by their own `asOf`, which stays 5 s back", ...times(ageMs)],
      ],
    ),
    "",
  ];
}

function outsideOf(outside: OutsideReport | undefined): string[][] {
  if (outside === undefined) return [];
  const { arrivals, notAnswered, entries } = outside;
  return [
    ["Webhooks received", `${whole(arrivals)}, ${whole(notAnswered)} refused or left unanswered`],
    ["Audit entries", whole(entries)],
  ];
}

function heardOf(heard: VerifyReport["heard"]): string {
  const words = Object.entries(heard).toSorted(([, a], [, b]) => b - a);
  return words.map(([word, count]) => `${word} ${whole(count)}`).join(", ");
}

function faultsOf({ strikes, faults, leftOut }: VerifyReport): string[] {
  if (faults.length + leftOut.length === 0) return [];
  const struck = new Set(strikes.map(({ name }) => name));
  const spared = faults.filter((name) => !struck.has(name));
  return [
    "## Faults",
    "",
    ...struckOf(strikes),
    ...(spared.length > 0 ? [`Not struck, for want of time: ${spared.join(", ")}.`, ""] : []),
    ...leftOut.flatMap(({ name, needs }) => [`Left out: ${name}, which needs ${needs}.`, ""]),
  ];
}

function struckOf(strikes: readonly Strike[]): string[] {
  if (strikes.length === 0) return [];
  const rows = [...Map.groupBy(strikes, ({ name }) => name)].map(([name, all]) => {
    const recoveries = all.flatMap(({ recoveryMs }) => recoveryMs ?? []).toSorted((a, b) => a - b);
    const middle = recoveries[Math.floor((recoveries.length - 1) / 2)];
    const sum = (of: "asked" | "gaveUp"): number =>
      all.reduce((total, { [of]: count = 0 }) => total + count, 0);
    const gaveUp = `${whole(sum("gaveUp"))} of ${whole(sum("asked"))}`;
    return [name, whole(all.length), ms(middle), ms(recoveries.at(-1)), gaveUp];
  });
  return [
    "From the end of a fault to the first answer to somebody who asked after it; and how many of those who",
    "asked while it lasted were told to come again, with nothing recorded:",
    "",
    ...table(["fault", "times", "median", "longest", "gave up"], rows),
    "",
  ];
}

const ms = (time: number | undefined): string =>
  time === undefined ? "" : `${Math.round(time)} ms`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

const whole = (count: number): string => count.toLocaleString("en-US");
