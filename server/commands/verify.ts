import { randomInt } from "node:crypto";
import { open, writeFile } from "node:fs/promises";
import { closest } from "../base/closest.ts";
import { openKernel } from "../kernel/gather.ts";
import type { Fault } from "../proof/history/fault.ts";
import { faults, faultsOn } from "../proof/history/faults.ts";
import type { Shelf } from "../proof/history/history.ts";
import { Closing } from "../proof/history/closing.ts";
import { engineNames, type EngineName } from "../proof/history/engine.ts";
import { openStage, type Stage } from "../proof/history/stage.ts";
import { Sink } from "../proof/history/sink.ts";
import { kernelTarget } from "../proof/history/target.ts";
import { verifyAsMarkdown } from "../proof/history/verify-report.ts";
import type { VerifyReport } from "../proof/history/tally.ts";
import { verify, type VerifyOptions } from "../proof/history/verify.ts";
import { json, UsageError, wholeNumber, type Call, type Command, type Values } from "./command.ts";
import { Worlds } from "./verify-world.ts";
import { Interrupted, withDatabase } from "./with-database.ts";

const defaults = { minutes: 5, servers: 2, worlds: 4, operations: 1_500, clients: 16 };

export const verifyCommand: Command = {
  name: "verify",
  summary: "Attack an installation while it sells, and prove from every answer that nothing broke.",
  options: {
    minutes: { value: "N", says: "For how long; a part of one is fine.", fallback: "5" },
    faults: { value: "LIST", says: "Which faults, with commas; all, or none.", fallback: "all" },
    seed: { value: "S", says: "Repeat an earlier run's asks. Default: a new one, shown." },
    engine: { value: "NAME", says: "What it attacks: postgres, or dsql.", fallback: "postgres" },
    here: { says: "In the database of the settings, in worlds of its own, touching nobody else." },
    servers: { value: "N", says: "Servers that sell side by side.", fallback: "2" },
    worlds: { value: "N", says: "Worlds that sell at the same time.", fallback: "4" },
    operations: { value: "N", says: "Operations of one world.", fallback: "1500" },
    clients: { value: "N", says: "Who ask at the same time in one world.", fallback: "16" },
    record: { value: "FILE", says: "Every attempt as a line of JSON, added to the file." },
    report: { value: "FILE", says: "The report as Markdown, beside the one that is printed." },
    json,
  },
  examples: [
    ["verify", "five minutes of every fault, against an installation of its own"],
    ["verify --minutes 60 --faults postgres-kill,commit-cut", "an hour of the two that hurt most"],
    ["verify --engine dsql --faults occ-storm,commit-doubt", "a local Aurora DSQL in a storm"],
    ["verify --here --minutes 1", "before a launch, in the database that will sell"],
  ],
  run: runVerify,
};

async function runVerify(call: Call): Promise<boolean> {
  const { terminal, values, signal } = call;
  const engine = engineIn(values);
  const servers = wholeNumber({ values, option: "servers", fallback: defaults.servers }, 1, 8);
  const options = readOptions(call, engine);
  for (const option of ["report", "record"] as const) await needFile(option, values[option]);
  terminal.say(
    `Seed ${options.seed}. Faults: ${options.faults.map(({ name }) => name).join(", ") || "none"}.`,
  );
  const report =
    engine === undefined
      ? await asGuest(call, options, servers)
      : await onStage(call, options, { engine, servers });
  // Nothing was sold that could be judged.
  if (signal.aborted && report.failed === undefined && report.attempts === 0)
    throw new Interrupted("Stopped.");
  const markdown = verifyAsMarkdown(report);
  terminal.result(values.json === true ? JSON.stringify(report) : markdown);
  if (typeof values.report === "string") await writeFile(values.report, markdown);
  // Less was tried than was asked for: that is no success.
  if (report.stopped && report.ok) throw new Interrupted("Stopped.");
  return report.ok;
}

/** Said before the run: at its end it would be too late. */
async function needFile(option: string, path: Values[string]): Promise<void> {
  if (typeof path !== "string") return;
  try {
    await (await open(path, "a")).close();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--${option} must be a file that can be written: ${why}.`);
  }
}

/** Undefined where it is a guest: there the settings say which it is. */
export function engineIn({ engine, here }: Values): EngineName | undefined {
  if (here === true && engine === undefined) return undefined;
  if (here === true)
    throw new UsageError("--engine is for an installation of its own; --here takes the settings'.");
  const found = engineNames.find((name) => name === (engine ?? "postgres"));
  if (found !== undefined) return found;
  throw new UsageError(`--engine must be ${engineNames.join(" or ")}, not "${String(engine)}".`);
}

function readOptions(
  { values, signal, terminal }: Call,
  engine: EngineName | undefined,
): VerifyOptions {
  const whole = (option: "worlds" | "operations" | "clients", most: number): number =>
    wholeNumber({ values, option, fallback: defaults[option] }, 1, most);
  const seed = wholeNumber(
    { values, option: "seed", fallback: randomInt(2 ** 31) },
    0,
    2 ** 32 - 1,
  );
  return {
    seed,
    minutes: minutesIn(values),
    faults: faultsIn(values, engine),
    worlds: whole("worlds", 64),
    operations: whole("operations", 20_000),
    clients: whole("clients", 500),
    ...(typeof values.record === "string" && { path: values.record }),
    signal,
    onProgress({ share, rounds, attempts, faults: struck, violations }) {
      // What matters most comes first: a narrow terminal cuts the rest.
      const counts = `${violations} violations, ${rounds} worlds, ${attempts.toLocaleString("en-US")} attempts, ${struck} faults`;
      terminal.progress(share, counts);
    },
  };
}

function minutesIn({ minutes = String(defaults.minutes) }: Values): number {
  const value = Number(minutes);
  if (/^\d*\.?\d+$/.test(String(minutes)) && value >= 0.05 && value <= 10_080) return value;
  throw new UsageError(`--minutes must be a number from 0.05 to 10080, not "${String(minutes)}".`);
}

export function faultsIn(
  { faults: list = "all" }: Values,
  on: EngineName | undefined,
): readonly Fault[] {
  const here = faultsOn(on);
  if (list === "all") return here;
  if (list === "none") return [];
  return String(list)
    .split(",")
    .map((name) => {
      const fault = here.find((one) => one.name === name.trim());
      if (fault !== undefined) return fault;
      throw new UsageError(noSuchFault(name.trim(), here, on));
    });
}

function noSuchFault(name: string, here: readonly Fault[], on: EngineName | undefined): string {
  const names = here.map((one) => one.name);
  const known = faults.find((one) => one.name === name);
  if (known !== undefined && on === undefined)
    return `The fault ${name} would touch others: leave --here out, or choose of ${names.join(", ")}.`;
  if (known?.engine !== undefined)
    return `The fault ${name} is for --engine ${known.engine}: choose of ${names.join(", ")}.`;
  const meant = closest(name, names);
  return `There is no fault "${name}": ${meant === undefined ? `choose of ${names.join(", ")}, or all alone, or none` : `did you mean ${meant}?`}`;
}

/** Through kernels of this process, in worlds of their own: whoever else sells there is left alone. */
function asGuest(call: Call, options: VerifyOptions, servers: number): Promise<VerifyReport> {
  const { terminal, config } = call;
  terminal.say(
    `In the database of the settings, ${options.worlds} worlds of its own at a time. Nobody else's are touched, but they share ` +
      `the database's time. They are deleted after ${config.worldDays} days, or sooner by zerorace purge --older-than DAYS.`,
  );
  // What was sold until somebody stops it is still judged.
  const patient = { ...call, signal: new AbortController().signal };
  return withDatabase(patient, async (db) => {
    const kernels = Array.from({ length: servers }, () => openKernel(db, call.config));
    try {
      return await verify(db, (shelf) => kernelTarget(kernels, db, shelf), options);
    } finally {
      await Promise.all(kernels.map((kernel) => kernel.close()));
    }
  });
}

const called = { postgres: "PostgreSQL", dsql: "a local Aurora DSQL" };

async function onStage(
  { terminal }: Call,
  options: VerifyOptions,
  { engine, servers }: { engine: EngineName; servers: number },
): Promise<VerifyReport> {
  terminal.say(
    `Starting ${called[engine]}, Redis, DynamoDB, ${servers} servers and a worker of its own …`,
  );
  const closing = new Closing();
  try {
    const sink = await Sink.open(options.seed);
    closing.add(() => sink.close());
    const stage = await openStage(servers, engine);
    closing.add(() => stage.close());
    if (options.signal.aborted) throw new Interrupted("Stopped.");
    const { plane } = stage.caches;
    const worlds = new Worlds({ db: stage.db, urls: stage.urls, sink });
    const leftOut = impossibleOn(stage, options.faults);
    for (const { name, needs } of leftOut) terminal.say(`Without ${name}: it needs ${needs}.`);
    return await verify(stage.db, (shelf) => worlds.open(shelf), {
      ...options,
      stage,
      sink,
      faults: options.faults.filter((one) => !leftOut.some(({ name }) => name === one.name)),
      leftOut,
      ...(plane && { copiesOf: (shelf: Shelf) => worlds.copies(plane, shelf) }),
    });
  } finally {
    await closing.close();
  }
}

/** What this machine has not the means for. */
function impossibleOn(stage: Stage, wanted: readonly Fault[]): VerifyReport["leftOut"] {
  return wanted.flatMap(({ name, lacks }) => {
    const needs = lacks?.(stage);
    return needs === undefined ? [] : [{ name, needs }];
  });
}
