import { expect, it } from "vitest";
import { invariants } from "../proof/invariants.ts";
import { lineIds, linesOf, type LineId } from "./lines.ts";
import type { RoundTurn, Sight } from "./look.ts";

const now = Date.parse("2026-01-02T03:04:05Z");
const before = (ms: number): Date => new Date(now - ms);
const noted = (breaches = 0n, ms = 60_000) =>
  new Map(invariants.map(({ name }) => [name, { name, breaches, checkedAt: before(ms) }]));
const round = (more: Partial<RoundTurn> = {}): RoundTurn => ({
  name: "prove",
  everyMs: 2_000,
  endedAt: before(1_000),
  doneAt: before(1_000),
  ms: 12,
  did: 1n,
  reason: null,
  ...more,
});

const sound: Sight = {
  now,
  database: { reason: undefined, ms: 2.4, engine: "PostgreSQL 18.1", migration: 119 },
  redisIsAway: false,
  copiesAsOf: before(6_000).toISOString(),
  workers: { alive: 1, rounds: [round()] },
  backlog: { events: 0, oldestSeconds: 0, parked: 0 },
  noted: noted(),
  unusable: [],
  disk: { freeBytes: 50e9, bytes: 100e9 },
  backup: { at: before(3_600_000).toISOString(), dir: "/backups" },
};

const lineOf = (id: LineId, sight: Partial<Sight>) =>
  linesOf({ ...sound, ...sight }).find((line) => line.id === id);

it("of a sound installation nothing is to be done, line by line", () => {
  const lines = linesOf(sound);
  expect(lines.map(({ id }) => id)).toEqual([...lineIds]);
  expect(lines.filter(({ state, todo }) => state !== "ok" || todo !== undefined)).toEqual([]);
});

const away = new Error("ECONNREFUSED");
const backlog = (events: number, oldestSeconds: number, parked = 0) => ({
  backlog: { events, oldestSeconds, parked },
});
const cases: readonly (readonly [LineId, string, Partial<Sight>, RegExp])[] = [
  ["database", "bad", { database: away }, /ECONNREFUSED/],
  [
    "database",
    "bad",
    { database: { reason: "It takes no writes.", ms: 1, engine: "", migration: 1 } },
    /no writes/,
  ],
  [
    "database",
    "warn",
    {
      database: {
        reason: undefined,
        ms: 1,
        engine: "PostgreSQL",
        migration: 1,
        connections: { open: 95, most: 100 },
      },
    },
    /95 of its 100/,
  ],
  ["redis", "bad", { redisIsAway: true }, /does not answer/],
  ["redis", "off", { redisIsAway: undefined }, /None is named/],
  ["read-plane", "off", { copiesAsOf: undefined }, /No DynamoDB/],
  ["read-plane", "bad", { copiesAsOf: away }, /ECONNREFUSED/],
  ["read-plane", "warn", { copiesAsOf: null }, /No worker/],
  ["read-plane", "warn", { copiesAsOf: before(45_000).toISOString() }, /45 seconds ago/],
  ["read-plane", "bad", { copiesAsOf: before(7_200_000).toISOString() }, /2 hours ago/],
  ["worker", "bad", { workers: { alive: 0, rounds: [] } }, /none was ever here/],
  [
    "worker",
    "bad",
    { workers: { alive: 0, rounds: [round({ endedAt: before(180_000) })] } },
    /the last turn was 3 minutes ago/,
  ],
  [
    "worker",
    "bad",
    { workers: { alive: 2, rounds: [round(), round({ name: "forget", reason: "no" })] } },
    /^forget failed/,
  ],
  [
    "worker",
    "warn",
    { workers: { alive: 1, rounds: [round({ endedAt: before(70_000) })] } },
    /prove had no turn/,
  ],
  ["worker", "warn", { workers: away }, /could not be looked at/],
  ["outbox", "ok", backlog(3, 2), /3 events wait/],
  ["outbox", "warn", backlog(1, 31), /1 event waits.*31 seconds/],
  ["outbox", "bad", backlog(9, 301), /5 minutes/],
  ["parked-events", "bad", backlog(0, 0, 1), /^1 event could not/],
  ["invariants", "bad", { noted: noted(2n) }, /Broken: /],
  ["invariants", "warn", { noted: new Map() }, /0 of/],
  ["invariants", "warn", { noted: noted(0n, 1_000_000) }, /the last 16 minutes/],
  ["indexes", "bad", { unusable: ["asks_by_tenant"] }, /asks_by_tenant/],
  ["disk", "warn", { disk: { freeBytes: 10e9, bytes: 100e9 } }, /10\.0 GB of 100 GB/],
  ["disk", "bad", { disk: { freeBytes: 1e9, bytes: 100e9 } }, /1\.0 GB/],
  ["disk", "off", { disk: undefined }, /not on this machine/],
  ["backup", "warn", { backup: { at: before(100_000_000).toISOString(), dir: "/b" } }, /1 day ago/],
  ["backup", "off", { backup: { at: undefined, dir: "/b" } }, /none in \/b.*backup create/],
  ["backup", "off", { backup: undefined }, /AWS Backup/],
  ["backup", "warn", { backup: away }, /ECONNREFUSED/],
];

it.each(cases)("%s is %s, and says why and what to do", (id, state, sight, says) => {
  const line = lineOf(id, sight);
  expect(line).toMatchObject({ state });
  expect(line?.says).toMatch(says);
  expect(line?.todo === undefined).toBe(state === "ok" || state === "off");
});

it("a line that is red or yellow leaves the others alone", () => {
  for (const [id, , sight] of cases) {
    const others = linesOf({ ...sound, ...sight }).filter((line) => line.id !== id);
    expect(
      others.every(({ state }) => state === "ok"),
      id,
    ).toBe(true);
  }
});
