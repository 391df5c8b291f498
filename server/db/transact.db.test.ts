import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshDatabase, openTest, type TestDatabase } from "../testing/database.ts";
import { sql } from "./sql.ts";
import { transact } from "./transact.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await freshDatabase({ poolMax: 1 });
});
afterAll(() => test.close());

it("a parameter that cannot be sent fails its caller, and the connection goes on", async () => {
  const strange = transact(test.db, "test", (tx) => tx.rows(sql`select ${{ strange: true }}`));
  await expect(strange).rejects.toThrow(TypeError);
  const rows = await transact(test.db, "test", (tx) => tx.rows(sql`select 1 as one`));
  expect(rows).toEqual([{ one: 1 }]);
});

it("statements of one turn go out together, answer each for itself, and fail together", async () => {
  const fine = await transact(test.db, "test", (tx) =>
    Promise.all([tx.tuples(sql`select ${7n}::bigint`), tx.run(sql`select 1 where false`)]),
  );
  expect(fine).toEqual([[[7n]], 0]);
  const broken = transact(test.db, "test", async (tx) => {
    const all = [tx.run(sql`select 1`), tx.run(sql`select 1 / 0`), tx.run(sql`select 2`)];
    const settled = await Promise.allSettled(all);
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    throw (settled[1] as PromiseRejectedResult).reason;
  });
  await expect(broken).rejects.toMatchObject({ code: "22012" });
});

it("a write that touches another number of rows than it names takes the transaction down", async () => {
  const insert = sql`insert into tenants (tenant_id, mode, name)
                     values (gen_random_uuid(), 'run', 'never seen')`;
  const wrong = transact(test.db, "test", (tx) => tx.write(insert, 2));
  await expect(wrong).rejects.toThrow("1 rows instead of 2");
  const seen = await transact(test.db, "test", (tx) =>
    tx.rows(sql`select 1 from tenants where name = 'never seen'`),
  );
  expect(seen).toEqual([]);
});

it("a transaction that hangs ends by its deadline, and gives its connection up", async () => {
  const startedAt = performance.now();
  const hung = transact(test.db, "test", (tx) => tx.run(sql`select pg_sleep(30)`), {
    deadlineAt: startedAt + 300,
  });
  await expect(hung).rejects.toMatchObject({ name: "ExhaustedError" });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(await transact(test.db, "test", (tx) => tx.run(sql`select 1`))).toBe(1);
});

it("tells why the database was not to be had, and not only that the time was up", async () => {
  // Whoever comes first is thrown out, and nobody after that is answered.
  let came = 0;
  const doorman = createServer((socket) => void (came++ === 0 && socket.destroy()));
  await once(doorman.listen(0, "127.0.0.1"), "listening");
  const { port } = doorman.address() as AddressInfo;
  const nobody = openTest(`postgres://zerorace:none@127.0.0.1:${port}/zerorace`);
  const asked = transact(nobody, "test", (tx) => tx.run(sql`select 1`), {
    deadlineAt: performance.now() + 3_000,
  });
  await expect(asked).rejects.toThrow(/gave up after \d+ attempts: Connection terminated/);
  doorman.close();
});

it("reads only where it says so", async () => {
  const write = sql`insert into tenants (tenant_id, mode, name) values (gen_random_uuid(), 'run', 'x')`;
  const refused = transact(test.db, "test", (tx) => tx.run(write), { readOnly: true });
  await expect(refused).rejects.toMatchObject({ code: "25006" });
});

it("bigints keep every digit, in both directions", async () => {
  const most = 2n ** 63n - 1n;
  const [row] = await transact(test.db, "test", (tx) =>
    tx.tuples<[bigint]>(sql`select ${most}::bigint`),
  );
  expect(row).toEqual([most]);
});

it("tells how its connections are used, how long one took, and what nobody foresaw", async () => {
  const { db } = test;
  const shown = async (): Promise<Record<string, number>> => {
    const { values } = await db.metrics.connections.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.state, value]));
  };
  let inside: Record<string, number> = {};
  await transact(db, "test", async (tx) => {
    await tx.run(sql`select 1`);
    const next = transact(db, "test", (other) => other.run(sql`select 1`));
    inside = await shown();
    void next;
  });
  expect(inside).toEqual({ idle: 0, busy: 1, waiting: 1 });
  await expect.poll(shown).toEqual({ idle: 1, busy: 0, waiting: 0 });
  const { values } = await db.metrics.connectSeconds.get();
  const count = values.find(({ metricName }) => metricName?.endsWith("_count"));
  expect(count?.value).toBeGreaterThan(1);
  const bug = transact(db, "test", (tx) => tx.run(sql`select * from nowhere`));
  await expect(bug).rejects.toMatchObject({ code: "42P01" });
  const { values: classes } = await db.metrics.unforeseen.get();
  expect(classes).toContainEqual({ labels: { class: "42" }, value: 1 });
});
