import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { transact } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";
import { countAttempt, forgive, networkOf, signInSubjects, takeBack } from "./attempts.ts";
import { sweepOver } from "./sessions.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

async function attempt(email: string, ip: string, last?: string): Promise<number | "counted"> {
  try {
    await countAttempt(database.db, signInSubjects(email, ip, last));
    return "counted";
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "RATE_LIMITED") throw error;
    return Number(error.headers[1]);
  }
}

const later = async (by: string) =>
  query(
    database.db,
    `update sign_in_failures set last_at = last_at - $1::interval, blocked_until = blocked_until - $1::interval`,
    [by],
  );

describe("attempts that fail", () => {
  it("have to wait from the fifth on, longer each time, and no longer than 15 minutes", async () => {
    const waits: (number | string)[] = [];
    for (let n = 1; n <= 18; n++) {
      // Each from another network: it is the account that is guarded.
      expect(await attempt("a@x.y", `10.0.0.${n}`)).toBe("counted");
      const wait = await attempt("a@x.y", `10.0.1.${n}`);
      waits.push(wait);
      if (wait !== "counted") await later(`${wait} seconds`);
      else n++;
    }
    expect(waits).toEqual([
      "counted",
      "counted",
      1,
      2,
      4,
      8,
      16,
      32,
      64,
      128,
      256,
      512,
      900,
      900,
      900,
      900,
    ]);
  });

  it("from one network have to wait too, whoever they are for", async () => {
    const all = [];
    for (let n = 0; n < 31; n++) all.push(await attempt(`b${n}@x.y`, "2001:db8:1:2::5"));
    expect(all).toEqual([...Array.from({ length: 30 }, () => "counted"), 1]);
    expect(await attempt("b99@x.y", "2001:db8:1:2:ffff::1")).toBe(1);
    expect(await attempt("b99@x.y", "2001:db8:1:3::1")).toBe("counted");
  });

  it("do not get past the limit all at once", async () => {
    const at = (n: number) => attempt("c@x.y", `10.1.0.${n}`).catch(() => "given up" as const);
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => at(n)));
    expect(all.filter((one) => one === "counted").length).toBeLessThanOrEqual(5);
    expect(all.filter((one) => one === "counted").length).toBeGreaterThan(0);
  });

  it("of strangers do not lock out who signed in from here before", async () => {
    for (let n = 0; n < 5; n++) await attempt("d@x.y", `10.2.0.${n}`, "10.9.9.9");
    expect(await attempt("d@x.y", "10.2.0.99", "10.9.9.9")).toBe(1);
    expect(await attempt("d@x.y", "10.9.9.9", "10.9.9.9")).toBe("counted");
  });

  it("are forgiven once one is right, and forgotten after an hour", async () => {
    const subjects = signInSubjects("e@x.y", "10.3.0.1");
    for (let n = 0; n < 4; n++) await attempt("e@x.y", "10.3.0.1");
    await transact(database.db, "test", (tx) => forgive(tx, subjects));
    const rows = await query<{ failures: number }>(
      database.db,
      "select failures from sign_in_failures where subject = $1",
      [subjects[1]?.subject],
    );
    expect(rows).toEqual([{ failures: 3 }]);
    for (let n = 0; n < 4; n++) expect(await attempt("e@x.y", "10.3.0.2")).toBe("counted");
    await later("61 minutes");
    for (let n = 0; n < 5; n++) expect(await attempt("e@x.y", "10.3.0.2")).toBe("counted");
  });

  it("do not count when the password was never looked at", async () => {
    const subjects = signInSubjects("f@x.y", "10.5.0.1");
    for (let n = 0; n < 4; n++) await attempt("f@x.y", "10.5.0.1");
    for (let n = 0; n < 5; n++) {
      await countAttempt(database.db, subjects);
      await takeBack(database.db, subjects);
    }
    expect(await attempt("f@x.y", "10.5.0.1")).toBe("counted");
    expect(await attempt("f@x.y", "10.5.0.1")).toBe(1);
  });

  it("leave nothing that names an address, and nothing at all after a day", async () => {
    await attempt("somebody@secret.example", "10.4.0.1");
    const text = JSON.stringify(await query(database.db, "select * from sign_in_failures"));
    expect(text).not.toContain("secret.example");
    await later("25 hours");
    await sweepOver(database.db, 30);
    expect(await query(database.db, "select * from sign_in_failures")).toEqual([]);
  });
});

it.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:10.0.0.7", "10.0.0.7"],
  ["2001:DB8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:0db8::0001", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["", ""],
])("the network of %s is %s", (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});
