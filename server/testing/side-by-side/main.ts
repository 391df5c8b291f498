import { parseArgs } from "node:util";
import { environment } from "../../base/config.ts";
import { asTable } from "../../commands/table.ts";
import { startTestServer } from "../server.ts";
import { cutOff, startBuyers, type Buyers } from "./buyers.ts";
import { NotServing, runOf } from "./processes.ts";
import { Roster, settingsAt } from "./roster.ts";
import { openShop } from "./shop.ts";
import {
  beforeNewestMigration,
  checkedOut,
  lastRelease,
  thisVersion,
  type Version,
} from "./versions.ts";

/**
 * npm run rehearse -- --from COMMIT: the version of a commit sells, this one migrates its database
 * meanwhile, takes over server by server, and goes back and forth again. 1 when a request failed, a
 * connection was cut, a process did not end well, or the books do not hold.
 */
const { values } = parseArgs({
  options: {
    from: { type: "string" },
    answers: { type: "string", default: "400" },
    buyers: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function fromWhere(): Promise<string | undefined> {
  if (values.from !== undefined) return values.from;
  const release = await lastRelease();
  if (release === undefined) {
    say(
      "There is no release yet to come from: name a commit. The last one without the newest migration: " +
        `npm run rehearse -- --from ${await beforeNewestMigration()}`,
    );
  }
  return release;
}

async function sideBySide(from: string): Promise<boolean> {
  await using previous = Object.assign(await checkedOut(from), {
    [Symbol.asyncDispose]: () => previous.remove(),
  });
  say(`The version before is ${previous.short}.`);
  const postgres = await startTestServer();
  try {
    return await upgradeAndBack(previous, postgres.url);
  } finally {
    await postgres.stop();
  }
}

async function upgradeAndBack(previous: Version, url: string): Promise<boolean> {
  const env = settingsAt(url, environment().PATH);
  await mustRun(previous, ["migrate"]);
  const roster = new Roster(env);
  let buyers: Buyers | undefined;
  let refusal: string | undefined;
  try {
    await roster.open(previous, 2);
    const shop = await openShop(previous, env, roster.urls[0] ?? "");
    buyers = startBuyers({
      ...shop,
      urls: () => roster.urls,
      seed: Number(values.seed),
      buyers: Number(values.buyers),
    });
    const count = Number(values.answers);
    const during = async (name: string, work?: () => Promise<void>): Promise<void> => {
      say(`… ${name}`);
      buyers?.begin(name);
      await work?.();
      await buyers?.more(count);
    };
    await during("before");
    say((await runOf(thisVersion, ["upgrade", "--check"], env)).out.trimEnd());
    await during("migrating", () => mustRun(thisVersion, ["migrate"]));
    await during("taking over", () => roster.replaceAll(thisVersion));
    try {
      await during("going back", () => roster.replaceAll(previous));
      await during("taking over again", () => roster.replaceAll(thisVersion));
    } catch (error) {
      if (!(error instanceof NotServing)) throw error;
      refusal = error.message;
    }
    await buyers.stop();
  } finally {
    await roster[Symbol.asyncDispose]();
  }
  const proof = await runOf(thisVersion, ["prove"], env);
  return report(buyers, roster, { proof: proof.out, holds: proof.code === 0, refusal });

  async function mustRun(version: Version, args: readonly string[]): Promise<void> {
    const { code, err } = await runOf(version, args, env);
    if (code !== 0) throw new Error(`${version.name}: zerorace ${args.join(" ")}: ${err}`);
  }
}

interface Outcome {
  readonly proof: string;
  readonly holds: boolean;
  /** Why the version before could not be started again. */
  readonly refusal: string | undefined;
}

function report(buyers: Buyers, roster: Roster, { proof, holds, refusal }: Outcome): boolean {
  const cut = cutOff(buyers);
  print(
    asTable([
      ["STAGE", "ANSWERED", "LONGEST GAP", "SENT AGAIN"],
      ...buyers.stages.map(({ name, answered, longestGapMs, again: sent }) => [
        name,
        String(answered),
        `${longestGapMs} ms`,
        Object.entries(sent)
          .map(([why, times]) => `${times} × ${why}`)
          .join(", ") || "-",
      ]),
    ]),
  );
  const drains = roster.stopped.map(({ ms }) => ms);
  const wrongEnds = roster.stopped.filter(({ code }) => code !== 0);
  print(
    `failed ${buyers.failed.length}, cut off ${cut}; ${drains.length} processes stopped in ` +
      `${Math.min(...drains)} to ${Math.max(...drains)} ms, ${wrongEnds.length} of them not with 0`,
  );
  for (const one of buyers.failed.slice(0, 5)) print(`  ${one}`);
  if (refusal !== undefined) print(`The version before did not start again:\n  ${refusal}`);
  print(proof.trimEnd());
  return holds && cut + buyers.failed.length + wrongEnds.length === 0 && refusal === undefined;
}

const from = await fromWhere();
if (from === undefined) process.exitCode = 2;
else if (!(await sideBySide(from))) process.exitCode = 1;
