import { randomInt } from "node:crypto";
import type { Config } from "../base/config.ts";
import type { Db } from "../db/open.ts";
import { kernelDefaults, type KernelSettings } from "../kernel/gather.ts";
import { swarmAsText, sweepAsText, type SwarmReport } from "../proof/swarm-report.ts";
import { runSwarm, type SwarmOptions, type SwarmProgress } from "../proof/swarm.ts";
import { json, share, wholeNumber, type Call, type Command, type Values } from "./command.ts";
import { timeLeft, type Terminal } from "./terminal.ts";
import { withDatabase } from "./with-database.ts";

const defaults = {
  agents: 20_000,
  units: 100,
  mandates: 1_000,
  concurrency: 2_000,
  duplicates: 0.01,
};
const sweepOver = [64, 256, 1_000, 2_000, 4_000];

export const swarmCommand: Command = {
  name: "swarm",
  summary: "Let many agents want few units at once, in a world of their own, and prove its books.",
  options: {
    agents: { value: "N", says: "Agents, of whom each asks for one unit.", fallback: "20000" },
    units: { value: "M", says: "Units there are to sell.", fallback: "100" },
    mandates: { value: "K", says: "Mandates the agents are spread over.", fallback: "1000" },
    concurrency: { value: "C", says: "Asks in flight at any moment.", fallback: "2000" },
    duplicates: { value: "P", says: "Share of asks that are sent twice.", fallback: "0.01" },
    seed: { value: "S", says: "Repeat an earlier swarm's asks. Default: a new one, shown." },
    lanes: { value: "L", says: "Transactions at a time. Default: ZERORACE_LANES." },
    sweep: { says: `Once for each of ${sweepOver.join(", ")} in flight, as a table.` },
    json,
  },
  examples: [
    ["swarm --agents 1000000 --units 100", "a million for a hundred: a minute or two"],
    ["swarm --seed 7 --duplicates 0.5", "the same asks each time, half of them sent twice"],
    ["swarm --sweep --json", "how speed and latency move with the load"],
  ],
  async run(call) {
    const options = readOptions(call);
    const json = call.values.json === true;
    return withDatabase(call, async (db) =>
      call.values.sweep === true ? sweep(db, options, call, json) : once(db, options, call, json),
    );
  },
};

function readOptions({ values, config, signal }: Call): SwarmOptions {
  const count = (option: keyof typeof defaults, min: number, max: number): number =>
    wholeNumber({ values, option, fallback: defaults[option] }, min, max);
  return {
    agents: count("agents", 1, 10_000_000),
    units: count("units", 0, 10_000_000),
    mandates: count("mandates", 1, 100_000),
    concurrency: count("concurrency", 1, 100_000),
    duplicates: share(values, "duplicates", defaults.duplicates),
    seed: wholeNumber({ values, option: "seed", fallback: randomInt(2 ** 31) }, 0, 2 ** 32 - 1),
    kernel: kernelSettings(values, config),
    signal,
  };
}

function kernelSettings(values: Values, config: Config): Partial<KernelSettings> {
  const { batchMax, queueMax, askDeadlineMs, attemptTimeoutMs } = config;
  const lanes = wholeNumber({ values, option: "lanes", fallback: config.lanes }, 1, 64);
  return { ...kernelDefaults, lanes, batchMax, queueMax, askDeadlineMs, attemptTimeoutMs };
}

async function once(db: Db, options: SwarmOptions, call: Call, json: boolean): Promise<boolean> {
  const report = await runSwarm(db, options, shower(call.terminal));
  call.terminal.result(json ? asJson(report) : swarmAsText(report));
  return report.ok;
}

async function sweep(db: Db, options: SwarmOptions, call: Call, json: boolean): Promise<boolean> {
  const reports: SwarmReport[] = [];
  for (const concurrency of sweepOver) {
    const report = await runSwarm(db, { ...options, concurrency }, shower(call.terminal));
    const { asksPerSecond, p99Ms } = report;
    const figures = `${whole(asksPerSecond)} asks a second, p99 ${p99Ms} ms`;
    call.terminal.say(
      `${whole(concurrency)} in flight: ${figures}${report.ok ? "" : ", NOT RIGHT"}`,
    );
    reports.push(report);
  }
  const ok = reports.every((report) => report.ok);
  call.terminal.result(json ? asJson({ ok, sweep: reports }) : sweepAsText(reports));
  return ok;
}

/** On one line, for those who read lines. */
const asJson = (value: object): string => JSON.stringify(value);

function shower(terminal: Terminal): (progress: SwarmProgress) => void {
  let sellingAt: number | undefined;
  return ({ phase, agents, answered, sold }) => {
    if (phase === "opening") return terminal.progress(0, "opening the world");
    const now = performance.now();
    sellingAt ??= now;
    if (phase === "proving") return terminal.progress(1, "proving its books");
    const elapsedMs = now - sellingAt;
    const counts = `${whole(answered)} of ${whole(agents)} answered, ${whole(sold)} sold`;
    // The first batches are slow, and a guess from them would only frighten.
    if (elapsedMs < settledMs) return terminal.progress(answered / agents, counts);
    const rate = `${whole(Math.round((answered / elapsedMs) * 1000))}/s`;
    const left = timeLeft(answered / agents, elapsedMs);
    terminal.progress(answered / agents, `${counts}, ${rate}, ${left}`);
  };
}

const settledMs = 1_500;

const whole = (count: number): string => count.toLocaleString("en-US");
