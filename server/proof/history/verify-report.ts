import type { CopiesReport } from "./copies-report.ts";
import type { OutsideReport } from "./outside-report.ts";
import type { Strike, VerifyReport } from "./verify.ts";

/** For people, and to be kept with a release: Markdown that reads as text, too. */
export function verifyAsMarkdown(report: VerifyReport): string {
  const { seed, seconds, rounds, operations, attempts, commands, strikes } = report;
  const counts = [
    ["Seed", String(seed)],
    ["Time", `${seconds} s, ${whole(rounds)} worlds`],
    ["Operations", `${whole(operations)}, ${whole(commands)} commands between them`],
    ["Attempts recorded", whole(attempts)],
    ["Heard", heardOf(report.heard)],
    ["Faults injected", whole(strikes.length)],
    ...outsideOf(report.outside),
  ];
  const { oversells, duplicateSettlements, ledgerDrift, mandateBreaches } = report.invariants;
  const four = `oversells ${oversells}, duplicate settlements ${duplicateSettlements}, ledger drift ${ledgerDrift}, mandate breaches ${mandateBreaches}`;
  return [
    `# ${report.ok ? "Every promise was kept" : "A PROMISE WAS BROKEN"}`,
    "",
    ...table(["", ""], counts),
    "",
    "## Promises",
    "",
    ...table(
      ["", "promise", "violations"],
      report.checks.map(({ name, says, violations }) => [
        name,
        notes(report, name) ?? says,
        whole(violations),
      ]),
    ),
    "",
    `The books: ${four}.`,
    "",
    ...copiesOf(report.copies),
    ...faultsOf(strikes),
    ...report.shown.flatMap(({ seed: world, check, says, history }) => [
      world === undefined ? `## ${check}` : `## ${check}, in the world of seed ${world}`,
      "",
      says,
      "",
      ...(history.length > 0 ? ["```", ...history, "```", ""] : []),
    ]),
  ].join("\n");
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

function faultsOf(strikes: readonly Strike[]): string[] {
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
    "## Faults",
    "",
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
