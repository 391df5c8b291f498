import { z } from "zod";
import { suspensionIn } from "../auth/suspension.ts";
import { suspensionView } from "../auth/wire.ts";
import type { SettingShown } from "../base/config.ts";
import { rfc3339 } from "../http/cursor.ts";
import { count, id, time, uuid, words } from "../http/shapes.ts";
import type { Parked } from "../outbox/parked.ts";
import { invariants } from "../proof/invariants.ts";
import { isLate, lineIds, linesOf, type State } from "./lines.ts";
import type { RoundTurn, Sight } from "./look.ts";
import type { OrganisationSight } from "./store.ts";

/** The answers of /v1/instance. */

export const instanceView = z.object({
  runFaults: z.boolean().meta({
    description: "Whether this server does runs with faults: `ZERORACE_RUN_FAULTS`.",
  }),
  regions: z
    .array(z.string())
    .meta({ description: "The endpoints of the database, the one at home first." }),
});
export type InstanceView = z.output<typeof instanceView>;

export const organisationView = z.object({
  id: z.uuid(),
  name: z.string(),
  tenants: z.object({ live: z.uuid(), test: z.uuid() }),
  people: z.int(),
  createdAt: z.string(),
  suspension: suspensionView.nullable().meta({ description: "Null while it is open." }),
});
export type OrganisationView = z.output<typeof organisationView>;

export const suspendBody = z
  .strictObject({
    reason: words(500).meta({ description: "Its people read it, and who sends a key of it." }),
  })
  .meta({ examples: [{ reason: "Three invoices are unpaid: call 555 0100." }] });

export const organisationsView = z.object({
  data: z.array(organisationView),
  nextCursor: z.string().nullable(),
});

const states = ["ok", "warn", "bad", "off"] as const;

const healthLine = z.object({
  id: z.enum(lineIds).meta({ description: "Also the name of its page in docs/runbooks." }),
  state: z.enum(states).meta({
    description: "`off`: not used here. `warn`: look at it today. `bad`: look at it now.",
  }),
  says: z.string(),
  todo: z.string().nullable().meta({ description: "The first thing to do; null: nothing." }),
});
export type HealthLine = z.output<typeof healthLine>;

const round = z.object({
  name: z.string(),
  everySeconds: z.number(),
  endedAt: time.meta({ description: "Of its last turn, at most some seconds old." }),
  doneAt: time.nullable().meta({ description: "Of the last turn that went well." }),
  ms: count,
  did: count.meta({ description: "How much it found to do." }),
  reason: z.string().nullable().meta({ description: "Why the last turn failed." }),
  state: z.enum(["ok", "late", "failed"]),
});
export type RoundView = z.output<typeof round>;

const promise = z.object({
  name: z.string(),
  says: z.string(),
  kind: z.enum(["invariant", "audit"]),
  breaches: count.nullable().meta({ description: "Over all tenants. Null: not looked at yet." }),
  checkedAt: time.nullable(),
});

export const healthView = z
  .object({
    state: z.enum(["ok", "warn", "bad"]).meta({ description: "That of its worst line." }),
    lookedAt: time,
    lines: z.array(healthLine),
    rounds: z.array(round).meta({ description: "What the workers do as time passes." }),
    invariants: z.array(promise),
    build: z.object({
      version: z.string(),
      node: z.string(),
      database: z.string().nullable(),
      migration: z.int().nullable().meta({ description: "The newest that was applied." }),
      startedAt: time,
      memoryBytes: count,
    }),
  })
  .meta({ id: "InstanceHealth", description: "How the parts of this installation do, in words." });
export type HealthView = z.output<typeof healthView>;

const parkedEvent = z.object({
  id,
  tenantId: id,
  kind: z.string(),
  subjectId: id,
  reason: z.string(),
  createdAt: time,
  parkedAt: time,
});
export const parkedView = z.object({
  data: z.array(parkedEvent).meta({ description: "The 100 that were parked first." }),
  total: count,
});
export type ParkedView = z.output<typeof parkedView>;

export const replayBody = z
  .strictObject({ eventId: uuid.optional().meta({ description: "Without it: all." }) })
  .meta({ examples: [{}] });
export const replayedView = z.object({ replayed: count });

export const settingsView = z.object({
  data: z.array(
    z.object({
      name: z.string(),
      value: z.string().meta({ description: "Of a secret, only that it is set." }),
      source: z.enum(["default", "environment", "file", "command"]),
      says: z.string(),
    }),
  ),
});
export type SettingsView = z.output<typeof settingsView>;

export const viewOfSettings = (shown: readonly SettingShown[]): SettingsView => ({
  data: shown.map(({ name, value, source, says }) => ({ name, value, source, says })),
});

export function viewOfHealth(
  sight: Sight,
  { version, startedAt }: { readonly version: string; readonly startedAt: Date },
): HealthView {
  const { now, database, workers, noted } = sight;
  const lines = linesOf(sight).map((line) => ({ ...line, todo: line.todo ?? null }));
  const known = database instanceof Error ? undefined : database;
  const seen = noted instanceof Error ? undefined : noted;
  return {
    state: worstOf(lines.map(({ state }) => state)),
    lookedAt: new Date(now).toISOString(),
    lines,
    rounds: workers instanceof Error ? [] : workers.rounds.map((turn) => viewOfRound(turn, now)),
    invariants: invariants.map(({ name, says, kind }) => {
      const found = seen?.get(name);
      const breaches = found ? Number(found.breaches) : null;
      return { name, says, kind, breaches, checkedAt: found?.checkedAt.toISOString() ?? null };
    }),
    build: {
      version,
      node: process.versions.node,
      database: known?.engine ?? null,
      migration: known?.migration ?? null,
      startedAt: startedAt.toISOString(),
      memoryBytes: process.memoryUsage.rss(),
    },
  };
}

function worstOf(all: readonly State[]): "ok" | "warn" | "bad" {
  if (all.includes("bad")) return "bad";
  return all.includes("warn") ? "warn" : "ok";
}

function viewOfRound(turn: RoundTurn, now: number): RoundView {
  const { name, everyMs, endedAt, doneAt, ms, did, reason } = turn;
  return {
    name,
    everySeconds: everyMs / 1_000,
    endedAt: endedAt.toISOString(),
    doneAt: doneAt?.toISOString() ?? null,
    ms,
    did: Number(did),
    reason,
    state: reason !== null ? "failed" : isLate(turn, now) ? "late" : "ok",
  };
}

export function viewOfParked(parked: Parked): ParkedView["data"][number] {
  const { eventId, tenantId, kind, subjectId, reason, createdAt, parkedAt } = parked;
  return {
    id: eventId,
    tenantId,
    kind,
    subjectId,
    reason,
    createdAt: rfc3339(createdAt),
    parkedAt: rfc3339(parkedAt),
  };
}

export function viewOfOrganisation(sight: OrganisationSight): OrganisationView {
  const { organisationId, name, liveTenantId, testTenantId, people, createdAt } = sight;
  return {
    id: organisationId,
    name,
    tenants: { live: liveTenantId, test: testTenantId },
    people,
    createdAt: rfc3339(createdAt),
    suspension: suspensionIn(sight) ?? null,
  };
}
