import { isTimeZone } from "../base/time-zone.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { amountMax } from "./ask.ts";
import type { CommandEvent, CommandKind } from "./command-events.ts";
import { periodNames, type MandateFact, type PeriodName } from "./facts.ts";
import {
  canRecall,
  done,
  refused,
  throughGate,
  withBeside,
  type Beside,
  type CommandResult,
} from "./gate.ts";
import type { MandateRules } from "./openings.ts";
import { dealMandate, readRules, spentSince, wholeMandate, writeRules } from "./mandate-rows.ts";

/** What a principal does to a mandate while agents spend it. Safe under any load: see gate.ts. */

interface Subject {
  readonly tenantId: string;
  readonly mandateId: string;
}

/** Once this returns nothing more is spent, whatever was under way. Holds can still be captured. */
export async function pauseMandate(
  db: Db,
  subject: Subject,
  beside?: Beside,
): Promise<CommandResult> {
  return setState(db, subject, { gate: "pause", state: "paused", beside });
}

/** As a pause, for good. */
export async function revokeMandate(
  db: Db,
  subject: Subject,
  beside?: Beside,
): Promise<CommandResult> {
  return setState(db, subject, { gate: "revoke", state: "revoked", beside });
}

const eventOf = ({ tenantId, mandateId }: Subject, kind: CommandKind): CommandEvent => {
  return { tenantId, kind, subjectId: mandateId };
};

interface StateChange {
  readonly gate: "pause" | "revoke";
  readonly state: "paused" | "revoked";
  readonly beside: Beside | undefined;
}

async function setState(
  db: Db,
  subject: Subject,
  { gate, state, beside }: StateChange,
): Promise<CommandResult> {
  const { mandateId: id } = subject;
  return onMandate(db, subject, () =>
    throughGate(
      db,
      { on: "mandate", id, gate, event: eventOf(subject, `mandate.${state}`), beside },
      async (tx) => {
        // A pause that waited behind a revoke must not bring the mandate half-way back.
        const before = await stateOf(tx, id);
        if (gate === "pause" && before === "revoked") return revokedForGood;
        await writeState(tx, id, state);
        return done({ state: before }, { state });
      },
    ),
  );
}

/** Ends a pause. Nobody writes the buckets of a paused mandate for a sale: one commit is enough. */
export async function activateMandate(
  db: Db,
  subject: Subject,
  beside?: Beside,
): Promise<CommandResult> {
  return onMandate(db, subject, () =>
    transact(
      db,
      "activate_mandate",
      (tx) =>
        withBeside(db, tx, { event: eventOf(subject, "mandate.activated"), beside }, async () =>
          activate(tx, subject.mandateId),
        ),
      { recalls: canRecall(beside) },
    ),
  );
}

async function activate(tx: Tx, mandateId: string): Promise<CommandResult> {
  const before = await stateOf(tx, mandateId);
  if (before === "revoked") return revokedForGood;
  await writeState(tx, mandateId, "active");
  return done({ state: before }, { state: "active" });
}

async function writeState(tx: Tx, mandateId: string, state: MandateFact["state"]): Promise<void> {
  const active = state === "active";
  await Promise.all([
    tx.write(sql`update mandates set state = ${state} where mandate_id = ${mandateId}`, 1),
    tx.run(
      sql`update mandate_buckets set active = ${active}, version = version + 1 where mandate_id = ${mandateId}`,
    ),
  ]);
}

async function stateOf(tx: Tx, mandateId: string): Promise<string | undefined> {
  const [row] = await tx.tuples<[string]>(
    sql`select state from mandates where mandate_id = ${mandateId}`,
  );
  return row?.[0];
}

const revokedForGood = refused("REVOKED", "A revoked mandate stays revoked: grant a new one.");

/** Raises or lowers the cap; never below what has been spent. */
export async function setCap(
  db: Db,
  subject: Subject & { capMinor: bigint },
  beside?: Beside,
): Promise<CommandResult> {
  const { capMinor } = subject;
  if (capMinor < 0n || capMinor > amountMax) return noCap;
  return changeCap(db, subject, () => capMinor, beside);
}

const noCap = refused("INVALID_COMMAND", `A cap is 0 to ${amountMax} minor units.`);

/** So much more than the cap is by then: two at once both count. */
export async function topUp(
  db: Db,
  subject: Subject & { amountMinor: bigint },
  beside?: Beside,
): Promise<CommandResult> {
  const { amountMinor } = subject;
  if (amountMinor < 1n || amountMinor > amountMax) {
    return refused("INVALID_COMMAND", `A top-up is 1 to ${amountMax} minor units.`);
  }
  return changeCap(db, subject, (capMinor) => capMinor + amountMinor, beside);
}

async function changeCap(
  db: Db,
  subject: Subject,
  newCap: (capMinor: bigint) => bigint,
  beside: Beside | undefined,
): Promise<CommandResult> {
  const { mandateId: id } = subject;
  return onMandate(db, subject, () =>
    throughGate(
      db,
      { on: "mandate", id, gate: "cap", event: eventOf(subject, "mandate.cap_changed"), beside },
      async (tx) => {
        const mandate = await wholeMandate(tx, id);
        const { fact, remaining } = mandate;
        const capMinor = newCap(fact.capMinor);
        if (capMinor > amountMax) return noCap;
        const left = remaining + capMinor - fact.capMinor;
        if (left < 0n) {
          return refused("CAP_BELOW_SPENT", `${fact.capMinor - remaining} is spent already.`);
        }
        await Promise.all([
          tx.write(sql`update mandates set cap_minor = ${capMinor} where mandate_id = ${id}`, 1),
          dealMandate(tx, mandate, { remaining: left }),
        ]);
        return done({ capMinor: Number(fact.capMinor) }, { capMinor: Number(capMinor) });
      },
    ),
  );
}

/** Deals money and room over another number of buckets. */
export async function reshardMandate(
  db: Db,
  subject: Subject & { buckets: number },
  beside?: Beside,
): Promise<CommandResult> {
  const { mandateId: id, buckets } = subject;
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 256) {
    return refused("INVALID_COMMAND", "A mandate has 1 to 256 buckets.");
  }
  return onMandate(db, subject, () =>
    throughGate(
      db,
      { on: "mandate", id, gate: "reshard", event: eventOf(subject, "mandate.resharded"), beside },
      async (tx) => {
        const mandate = await wholeMandate(tx, id);
        await Promise.all([
          tx.write(sql`update mandates set buckets = ${buckets} where mandate_id = ${id}`, 1),
          dealMandate(tx, mandate, { buckets }),
        ]);
        return done({ buckets: mandate.fact.buckets }, { buckets });
      },
    ),
  );
}

/**
 * New rules, all of them. What was spent in the running periods counts under the new limits, too:
 * it is carried over, and purchases made under older rules give no room back.
 */
export async function setRules(
  db: Db,
  subject: Subject & { rules: MandateRules },
  beside?: Beside,
): Promise<CommandResult> {
  const { mandateId: id, rules } = subject;
  for (const limit of [
    rules.purchaseMaxMinor,
    rules.dayLimitMinor,
    rules.weekLimitMinor,
    rules.monthLimitMinor,
  ]) {
    if (limit !== undefined && (limit < 0n || limit > amountMax)) {
      return refused("INVALID_COMMAND", `A limit is 0 to ${amountMax} minor units.`);
    }
  }
  if (!isTimeZone(rules.timeZone ?? "UTC")) {
    return refused("INVALID_COMMAND", `There is no time zone ${rules.timeZone}.`);
  }
  return onMandate(db, subject, () =>
    throughGate(
      db,
      {
        on: "mandate",
        id,
        gate: "rules",
        event: eventOf(subject, "mandate.rules_changed"),
        beside,
      },
      async (tx) => {
        const before = await readRules(tx, id);
        await writeRules(tx, id, rules);
        // Read again: the periods are those of the new limits and the new time zone.
        const mandate = await wholeMandate(tx, id);
        const room: Partial<Record<PeriodName, bigint>> = {};
        for (const name of periodNames) {
          const period = mandate.fact.periods[name];
          if (!period) continue;
          const startMs = mandate.startMs(name);
          const carried = await spentSince(tx, id, startMs);
          await carry(tx, id, name, startMs, carried);
          room[name] = period.limitMinor > carried ? period.limitMinor - carried : 0n;
        }
        await dealMandate(tx, mandate, { room });
        return done(before, await readRules(tx, id));
      },
    ),
  );
}

async function carry(
  tx: Tx,
  mandateId: string,
  name: PeriodName,
  fromMs: number,
  minor: bigint,
): Promise<void> {
  const from = new Date(fromMs);
  const statement = {
    day: sql`update mandates set day_carried_from = ${from}, day_carried_minor = ${minor} where mandate_id = ${mandateId}`,
    week: sql`update mandates set week_carried_from = ${from}, week_carried_minor = ${minor} where mandate_id = ${mandateId}`,
    month: sql`update mandates set month_carried_from = ${from}, month_carried_minor = ${minor} where mandate_id = ${mandateId}`,
  }[name];
  await tx.write(statement, 1);
}

async function onMandate(
  db: Db,
  { tenantId, mandateId }: Subject,
  command: () => Promise<CommandResult>,
): Promise<CommandResult> {
  const query = sql`select tenant_id, state from mandates where mandate_id = ${mandateId}`;
  const [row] = await transact(db, "find_mandate", (tx) => tx.tuples<[string, string]>(query), {
    readOnly: true,
  });
  if (!row) return refused("UNKNOWN_MANDATE", `There is no mandate ${mandateId}.`);
  if (row[0] !== tenantId) return refused("FORBIDDEN", "This mandate belongs to another tenant.");
  return command();
}
