import { readStanding } from "../db/migrate.ts";
import { breakingSteps, type Standing } from "../db/migration-log.ts";
import { readMigrations } from "../db/migration-files.ts";
import { largeFromBytes } from "../db/migrate-postgres.ts";
import { nameOf } from "../db/migration-step.ts";
import type { Db } from "../db/open.ts";
import type { Size } from "../db/size.ts";
import { readEffects, type StepEffect, type Waiting } from "../db/step-effect.ts";
import { size as inWords } from "./backup.ts";

/** `stop`: an upgrade would go wrong. `look`: a person should know it first. */
export interface Check {
  readonly about: string;
  readonly verdict: "ok" | "look" | "stop";
  readonly says: string;
}

/** The schema first, then every step that is to be taken: what it does, and who waits for it. */
export async function lookAtSteps(db: Db, size: Size): Promise<readonly Check[]> {
  const standing = await readStanding(db);
  const { pending, newer, taken } = standing;
  if (newer.length > 0) {
    const says =
      `is newer, at migration ${taken}; it was only added to since, and this version may serve on it ` +
      "beside the newer one";
    return [{ about: "schema", verdict: "ok", says }];
  }
  if (pending.length === 0) return [{ about: "schema", verdict: "ok", says: "is of this version" }];
  if (taken === 0) {
    const says = `${pending.length} steps to take, on a database that has no schema yet`;
    return [{ about: "empty", verdict: "ok", says }];
  }
  const effects = await readEffects(await readMigrations());
  const isDsql = db.dialect.name === "dsql";
  const steps = pending.map((step): Check => {
    const effect = effects.find(
      ({ version, step: nth }) => version === step.version && nth === step.step,
    );
    const takes = kindOf(step.needs, taken);
    const waits = effect === undefined || isDsql ? "" : `; ${waitingOf(effect, size)}`;
    const verdict = step.needs > taken || isLong(effect) ? "look" : "ok";
    return { about: nameOf(step), verdict, says: `${takes}: ${effect?.does ?? "?"}${waits}` };
  });
  return [{ about: "schema", ...whoMayServe(standing) }, ...steps];
}

function kindOf(needs: number, taken: number): string {
  if (needs === 0) return "expands";
  return needs > taken ? "contracts" : "contracts what servers of now do without";
}

const isLong = (effect: StepEffect | undefined): boolean =>
  effect?.waiting === "whole" || effect?.waiting === "rows";

function whoMayServe(standing: Standing): Pick<Check, "verdict" | "says"> {
  const { pending, taken } = standing;
  const contracting = breakingSteps(standing);
  const steps = pending.length === 1 ? "1 step to take" : `${pending.length} steps to take`;
  const [first] = contracting;
  if (!first) {
    const says =
      `${steps}, from migration ${taken} to ${pending.at(-1)?.version}: servers of the version before ` +
      "may go on serving, beside this one and after a way back";
    return { verdict: "ok", says };
  }
  const says =
    `${steps}, of which ${contracting.length} take away what servers of migration ${taken} use ` +
    `(the first is ${nameOf(first)}): stop all of them, then zerorace migrate --alone. The way back ` +
    "is a backup from before";
  return { verdict: "look", says };
}

const inAMoment = "waits 0.2 s at most for its lock, steps aside and comes again";

function waitingOf({ waiting, table = "" }: StepEffect, { tables }: Size): string {
  const bytes = tables.find(({ name }) => name === table)?.bytes ?? 0;
  const whole = `${table} has ${inWords(bytes)}`;
  const says: Readonly<Record<Waiting, string>> = {
    nobody: "nobody waits",
    moment: `locks ${table} for a moment: ${inAMoment}`,
    build:
      bytes < largeFromBytes
        ? `who writes to ${table} waits while it is built (${inWords(bytes)}): ${inAMoment}`
        : `built beside the sales, nobody waits; it takes its time (${whole})`,
    whole: `locks ${table} while all of it is read or written anew (${whole})`,
    rows: `who writes the same rows waits until it is through (${whole})`,
  };
  return says[waiting];
}
