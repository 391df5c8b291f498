import type { FourNumbers } from "./prove.ts";

export interface SwarmReport {
  readonly ok: boolean;
  /** Why it is not ok. */
  readonly complaints: readonly string[];
  /** Before everybody had asked. */
  readonly stopped: boolean;
  readonly agents: number;
  readonly units: number;
  readonly mandates: number;
  readonly concurrency: number;
  readonly seed: number;
  readonly duplicates: number;
  /** The world that it sold in: `prove --tenant` looks at it again. */
  readonly tenantId: string;
  readonly sold: number;
  readonly declined: number;
  readonly declinedBy: Readonly<Record<string, number>>;
  /** Asks sent again that got the first answer, byte for byte but for `replayed`. */
  readonly replays: number;
  readonly replaysMismatched: number;
  readonly conflicts: number;
  readonly rejected: number;
  /** Without an answer at first, and therefore sent again with the same key. */
  readonly retried: {
    readonly exhausted: number;
    readonly overloaded: number;
    readonly unknown: number;
  };
  readonly lostRaces: number;
  /** Transactions that each endpoint of the database committed, home first. */
  readonly regions: readonly { readonly name: string; readonly batches: number }[];
  /** The longest time in which no agent was answered. */
  readonly longestSilenceMs: number;
  readonly seconds: number;
  readonly asksPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the process that asked and decided; PostgreSQL's own memory is not in it. */
  readonly peakMb: number;
  readonly proofMs: number;
  readonly invariants: FourNumbers;
}

const invariantNames: Readonly<Record<keyof FourNumbers, string>> = {
  oversells: "oversells",
  duplicateSettlements: "duplicate settlements",
  ledgerDrift: "ledger drift",
  mandateBreaches: "mandate breaches",
};

export function swarmAsText(report: SwarmReport): string {
  const { agents, units, sold, declined, replays, replaysMismatched, retried } = report;
  const sentAgain = retried.exhausted + retried.overloaded + retried.unknown;
  const why = Object.entries(report.declinedBy).map(
    ([reason, count]) => `${reason} ${whole(count)}`,
  );
  const rows: [what: string, value: string, note: string][] = [
    ["sold", whole(sold), `of ${whole(units)}`],
    ["declined", whole(declined), why.join(", ")],
    ["replays", whole(replays), replaysNote(replaysMismatched)],
    ["tries again", whole(sentAgain), sentAgain === 0 ? "" : retriedNote(retried)],
    ["lost races", whole(report.lostRaces), "batches that another overtook, and that ran again"],
    ["asks a second", whole(report.asksPerSecond), `for ${report.seconds} s`],
    ["p50", `${report.p50Ms} ms`, `${whole(report.concurrency)} in flight`],
    ["p99", `${report.p99Ms} ms`, `longest ${report.maxMs} ms`],
    ...regionRows(report),
    ["peak memory", `${report.peakMb} MB`, "PostgreSQL not counted"],
  ];
  const proof = (Object.keys(invariantNames) as (keyof FourNumbers)[]).map(
    (name): [string, string, string] => [invariantNames[name], whole(report.invariants[name]), ""],
  );
  const verdict = report.ok
    ? `Every agent has its answer, and the books agree (proven in ${report.proofMs} ms).`
    : `NOT RIGHT:\n${report.complaints.map((line) => `  - ${line}`).join("\n")}`;
  return [
    `${whole(agents)} agents, ${whole(units)} units, seed ${report.seed}`,
    "",
    ...aligned([...rows, ["", "", ""], ...proof]),
    "",
    verdict,
    `World ${report.tenantId}`,
    "",
  ].join("\n");
}

/** Only where there is more than one way to the database. */
function regionRows({ regions, longestSilenceMs }: SwarmReport): [string, string, string][] {
  if (regions.length < 2) return [];
  const all = regions.reduce((total, { batches }) => total + batches, 0);
  const rows = regions.map(({ name, batches }): [string, string, string] => [
    `by ${name}`,
    `${((100 * batches) / Math.max(1, all)).toFixed(1)} %`,
    `${whole(batches)} transactions`,
  ]);
  return [...rows, ["silence", `${longestSilenceMs} ms`, "the longest time without any answer"]];
}

const replaysNote = (mismatched: number): string =>
  mismatched === 0
    ? "asks sent twice, the same answer in every byte"
    : `and ${whole(mismatched)} that DIFFER`;

function retriedNote({ exhausted, overloaded, unknown }: SwarmReport["retried"]): string {
  return `exhausted ${exhausted}, overloaded ${overloaded}, unknown ${unknown}`;
}

/** One line per number of asks in flight. */
export function sweepAsText(reports: readonly SwarmReport[]): string {
  const header = ["in flight", "asks/s", "p50 ms", "p99 ms", "sold", "lost races", "peak MB", ""];
  const rows = reports.map((report) => [
    whole(report.concurrency),
    whole(report.asksPerSecond),
    String(report.p50Ms),
    String(report.p99Ms),
    whole(report.sold),
    whole(report.lostRaces),
    String(report.peakMb),
    report.ok ? "ok" : "NOT RIGHT",
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padStart(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const wrong = reports.flatMap(({ concurrency, complaints }) =>
    complaints.map((says) => `  - at ${whole(concurrency)} in flight: ${says}`),
  );
  return [line(header), ...rows.map(line), ...wrong, ""].join("\n");
}

function aligned(rows: readonly (readonly [string, string, string])[]): string[] {
  const width = Math.max(...rows.map(([what]) => what.length));
  const digits = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([what, value, note]) =>
    `  ${what.padEnd(width)}  ${value.padStart(digits)}  ${note}`.trimEnd(),
  );
}

function whole(count: number): string {
  return count.toLocaleString("en-US");
}
