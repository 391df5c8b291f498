import fc from "fast-check";
import { expect, it } from "vitest";
import { Picture } from "./picture.ts";

const counted = (text: string): Record<string, number> =>
  Object.fromEntries([...new Set(text)].map((letter) => [letter, text.split(letter).length - 1]));

it("shows who has not come, who waits, who was declined and who bought", () => {
  const picture = new Picture({ agents: 6, units: 2 });
  expect([picture.arrivalCells(0), picture.unitCells()]).toEqual(["......", "ff"]);
  picture.note(0, true, 120.4, 1);
  picture.note(2, false, 130, 70);
  expect([picture.arrivalCells(4), picture.unitCells()]).toEqual(["swdw..", "sf"]);
  expect(picture.waitCells()).toBe("105000");
  expect(picture.buyers).toEqual({ agents: [0], afterMs: [120], waitMs: [1] });
});

it("counts an agent that asks twice once", () => {
  const picture = new Picture({ agents: 2, units: 2 });
  for (let n = 0; n < 3; n++) picture.note(0, true, 0, 0);
  expect([picture.arrivalCells(2), picture.unitCells()]).toEqual(["sw", "sf"]);
});

it("shows a share of many as partly sold", () => {
  const picture = new Picture({ agents: 10_000, units: 4_000 });
  for (let agent = 0; agent < 15; agent++) picture.note(agent, true, 0, 0);
  expect(picture.unitCells()).toBe(`sp${"f".repeat(398)}`);
  expect(picture.arrivalCells(15)).toBe(`sss${".".repeat(1_997)}`);
});

it("has few letters for any sizes, and at the end each agent and unit is in its place", () => {
  const sizes = fc.record({
    agents: fc.integer({ min: 1, max: 5_000 }),
    units: fc.integer({ min: 0, max: 5_000 }),
  });
  const property = fc.property(sizes, ({ agents, units }) => {
    const picture = new Picture({ agents, units });
    for (let agent = 0; agent < agents; agent++) picture.note(agent, agent < units, agent, agent);
    const [arrivals, wall] = [picture.arrivalCells(agents), picture.unitCells()];
    expect(arrivals).toMatch(/^s*d*$/);
    expect(arrivals).toHaveLength(Math.min(agents, 2_000));
    expect(picture.waitCells()).toMatch(/^[1-9]*$/);
    expect(picture.waitCells()).toHaveLength(arrivals.length);
    expect(picture.buyers.agents).toHaveLength(Math.min(agents, units, 400));
    expect(wall).toMatch(/^s*p?f*$/);
    expect(wall).toHaveLength(Math.min(units, 400));
    if (agents <= 2_000) expect(counted(arrivals).s ?? 0).toBe(Math.min(agents, units));
    if (units <= 400) expect(counted(wall).s ?? 0).toBe(Math.min(agents, units));
    if (agents >= units) expect(wall).toBe("s".repeat(wall.length));
  });
  fc.assert(property);
});
