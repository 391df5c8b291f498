import { expect, it } from "vitest";
import { RunLog } from "./log.ts";

const nothing = {
  phase: "opening",
  answered: 0,
  sold: 0,
  lostRaces: 0,
  sentAgain: 0,
  isStopping: false,
  wrong: null,
  regions: [{ name: "home", isUsed: true }],
} as const;

it("tells each thing once, when it is first seen", () => {
  const log = new RunLog({ agents: 8, units: 2 });
  log.look(nothing, 0);
  const later = { ...nothing, phase: "selling", sold: 1, answered: 2, wrong: 0 } as const;
  log.look(later, 100);
  log.look(later, 200);
  log.look({ ...later, phase: "proving", sold: 2, answered: 8, lostRaces: 3 }, 300);
  expect(log.events.map(({ atMs, what, count }) => [atMs, what, count ?? ""].join(" "))).toEqual([
    "100 selling ",
    "100 first_sale ",
    "100 answered 25",
    "100 proof 0",
    "300 sold_out ",
    "300 first_lost_race ",
    "300 answered 50",
    "300 answered 75",
    "300 answered 100",
    "300 proving ",
  ]);
});

it("tells when a proof finds something, and each turn of an endpoint of the database", () => {
  const log = new RunLog({ agents: 100, units: 0 });
  const away = { ...nothing, regions: [{ name: "home", isUsed: false }] };
  log.look({ ...away, wrong: 0 }, 1);
  log.look({ ...away, wrong: 2 }, 2);
  log.look({ ...nothing, wrong: 2 }, 3);
  expect(log.events).toEqual([
    { atMs: 1, what: "proof", count: 0 },
    { atMs: 1, what: "region_left", region: "home" },
    { atMs: 2, what: "proof", count: 2 },
    { atMs: 3, what: "region_back", region: "home" },
  ]);
});

it("has an end, however often something happens", () => {
  const log = new RunLog({ agents: 1_000, units: 1 });
  for (let n = 0; n < 1_000; n++) log.look({ ...nothing, wrong: n % 2 }, n);
  expect(log.events).toHaveLength(40);
});
