import { closest } from "../server/base/closest.ts";
import { helpOf, readValues, UsageError, type Usage } from "../server/commands/command.ts";

/** What can be measured, by the names that the command line takes. */
export const benchNames = {
  kernel: "The kernel against the textbook transaction.",
  http: "The commit route, over HTTP on loopback.",
  dsql: "The kernel through the local Aurora DSQL.",
  regions: "Two endpoints of one database, of which the first is cut under 100,000 agents.",
  pipeline: "From a commit to what a reader of the copies sees.",
  room: "Bytes that a purchase leaves on disk and in the log.",
  without: "Purchases while Redis and DynamoDB are there, and while they are away, in turn.",
} as const;

export type BenchName = keyof typeof benchNames;

const usage: Usage = {
  program: "npm run",
  name: "bench --",
  takes: "[NAME]",
  names: benchNames,
  summary: "Measure on a PostgreSQL of its own that is durable as in production.",
  options: {
    seconds: { value: "N", says: "Of each phase. Default: 5, and 2 of without." },
  },
  examples: [
    ["bench", "the kernel against the textbook transaction"],
    ["bench -- http --seconds 2", "over HTTP, with short phases"],
  ],
};

export interface BenchAsked {
  readonly name: BenchName;
  readonly seconds: number;
}

/** The text of the help where that is what was asked for. */
export function readBench(args: readonly string[]): BenchAsked | string {
  const [first = "", ...others] = args;
  const isNamed = first !== "" && !first.startsWith("-");
  const values = readValues(usage, isNamed ? others : args);
  if (values.help === true) return helpOf(usage);
  const name = isNamed ? nameIn(first) : "kernel";
  const { seconds: text = name === "without" ? "2" : "5" } = values;
  const seconds = Number(text);
  if (/^\d*\.?\d+$/.test(String(text)) && seconds > 0 && seconds <= 3_600) return { name, seconds };
  throw new UsageError(`--seconds must be a number up to 3600, as in 0.5, not "${String(text)}".`);
}

function nameIn(word: string): BenchName {
  const names = Object.keys(benchNames) as BenchName[];
  const name = names.find((one) => one === word);
  if (name !== undefined) return name;
  const meant = closest(word, names);
  const hint = meant === undefined ? `choose of ${names.join(", ")}.` : `did you mean ${meant}?`;
  throw new UsageError(`There is no bench "${word}": ${hint}`);
}
