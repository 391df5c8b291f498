import { crashPoints } from "../server/base/crash-points.ts";
import { checks } from "../server/proof/history/check.ts";
import { faults } from "../server/proof/history/faults.ts";
import { harmless } from "./harmless.ts";
import { mutants } from "./list.ts";
import { theCommand, type Mutant } from "./mutant.ts";

const intro = `# Mutants

Written by \`npm run generate\` from \`mutants/\`.

Ways in which the product could be wrong, each with the test that notices. \`npm run mutants\` breaks a copy of the product
in each of these ways, runs that test, and prints why it failed; a mutant that survives fails the run.
`;

/** The page of all mutants, and what shows that none is missing. */
export function mutantsReference(): string {
  const promises = checks.map(([check, says]) => [check, says, shown(check, breaking(check))]);
  const struck = faults.map(({ name, says }) => [`\`${name}\``, says, shown(name, under(name))]);
  const deaths = Object.entries(crashPoints).map(([point, says]) => [
    `\`${point}\``,
    says,
    shown(point, under(point)),
  ]);
  const all = mutants.map(({ name, breaks = "", caughtBy: [file, tests] }) => {
    const by = file === theCommand ? `${file} ${tests}` : file;
    return [name, breaks, `\`${by}\``];
  });
  return [
    intro,
    section("By promise", ["", "promise", "mutants"], promises),
    section("By fault of `zerorace verify`", ["fault", "what happens", "mutants"], struck),
    section("By crash point", ["dies at", "when", "mutants"], deaths),
    section(`All ${mutants.length}`, ["mutant", "breaks", "caught by"], all),
  ].join("\n");
}

const breaking = (check: string): Mutant[] => mutants.filter(({ breaks }) => breaks === check);
const under = (what: string): Mutant[] => mutants.filter((one) => one.under?.includes(what));
/** What shows it, or why nothing does. */
function shown(what: string, some: readonly Mutant[]): string {
  const why = harmless[what];
  return why === undefined ? namesOf(some) : `none: ${why}`;
}

const namesOf = (some: readonly Mutant[]): string => some.map(({ name }) => name).join("; ");

function section(title: string, head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const table = [line(head), line(head.map(() => "---")), ...rows.map(line)];
  return [`## ${title}`, "", ...table, ""].join("\n");
}
