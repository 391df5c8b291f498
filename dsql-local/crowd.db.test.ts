import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dsqlWith, type Failure, type Peer, type Running } from "../server/testing/dsql.ts";

let dsql: Running;
const accounts = 6;
const opening = 1_000;

beforeAll(async () => {
  dsql = await dsqlWith({ patienceMs: 1 }, [
    "create table accounts (id int primary key, balance int not null)",
    "create table transfers (id uuid primary key default gen_random_uuid(), source int, target int, amount int, once int unique)",
  ]);
});
afterAll(() => dsql.close());

/** The same numbers for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Tally {
  acknowledged: number;
  lost: number;
  duplicates: number;
}

/** Moves money as a careless program would: it reads, thinks, and writes what it has thought. */
async function move(peer: Peer, roll: (below: number) => number, tally: Tally): Promise<void> {
  const source = roll(accounts);
  const target = (source + 1 + roll(accounts - 1)) % accounts;
  const [amount, once] = [1 + roll(5), roll(400)];
  const { client } = peer;
  try {
    await client.query("begin");
    const { rows } = await client.query<{ id: number; balance: number }>({
      name: "read",
      text: "select id, balance from accounts where id = any($1) order by id",
      values: [[source, target]],
    });
    const before = new Map(rows.map(({ id, balance }) => [id, balance]));
    const set = (id: number, change: number): Promise<{ rows: { balance: number }[] }> =>
      client.query({
        name: "set",
        text: "update accounts set balance = $2 where id = $1 returning balance",
        values: [id, (before.get(id) ?? 0) + change],
      });
    const taken = await set(source, -amount);
    expect(taken.rows).toEqual([{ balance: (before.get(source) ?? 0) - amount }]);
    await client.query(
      "insert into transfers (source, target, amount, once) values ($1, $2, $3, $4) returning id",
      [source, target, amount, once],
    );
    await set(target, amount);
    const seen = await client.query({
      name: "sum",
      text: "select sum(balance)::int as sum from accounts",
    });
    expect(seen.rows).toEqual([{ sum: accounts * opening }]);
    if (roll(10) === 0) {
      await client.query("rollback");
      return;
    }
    const { command } = await client.query("commit");
    expect(command).toBe("COMMIT");
    tally.acknowledged++;
  } catch (error) {
    const { code, message } = error as Failure;
    await client.query("rollback");
    if (code === "23505") tally.duplicates++;
    else if (code === "40001" && message.endsWith("(OC000)")) tally.lost++;
    else throw error;
  }
}

describe("a crowd of transactions over the same few rows", () => {
  it.each([2, 8, 24])(
    "%i at a time: what was acknowledged is there, once, and nothing else",
    async (many) => {
      const setup = await dsql.connect();
      await setup.rows("delete from transfers");
      await setup.rows("delete from accounts");
      await setup.rows(
        `insert into accounts select g, ${opening} from generate_series(0, ${accounts - 1}) g`,
      );
      const tally: Tally = { acknowledged: 0, lost: 0, duplicates: 0 };
      const peers = await Promise.all(Array.from({ length: many }, () => dsql.connect()));
      await Promise.all(
        peers.map(async (peer, nth) => {
          const roll = dice(2_026 + nth);
          for (let turn = 0; turn < 120 / many + 5; turn++) await move(peer, roll, tally);
        }),
      );
      expect(await setup.rows("select count(*)::int as n from transfers")).toEqual([
        { n: tally.acknowledged },
      ]);
      // Each balance is what its transfers make of it: no write was lost under another.
      const wrong = await setup.rows(
        `select a.id from accounts a
        where a.balance <> ${opening}
          + coalesce((select sum(amount) from transfers where target = a.id), 0)
          - coalesce((select sum(amount) from transfers where source = a.id), 0)`,
      );
      expect(wrong).toEqual([]);
      expect(tally.acknowledged).toBeGreaterThan(0);
      expect(tally.lost).toBeGreaterThan(0);
      for (const { client } of [setup, ...peers]) await client.end();
    },
  );
});
