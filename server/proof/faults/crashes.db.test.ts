import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { readCatalogue } from "../../db/catalogue.ts";
import { makeKey, type Store, type TestApi } from "../../testing/api.ts";
import { runCommand } from "../../testing/command-line.ts";
import {
  inTurn,
  migrationCrashes,
  serverCrashes,
  type Provocation,
} from "../../testing/crash-plan.ts";
import { emptyDatabase, freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { makeShop } from "../../testing/factories.ts";
import { query } from "../../testing/look.ts";
import { ChildProgram } from "../../testing/child-program.ts";
import { playOverHttp } from "../../testing/play-over-http.ts";
import { sentUntilDone } from "../../testing/sent-until-done.ts";

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase();
  const shop = await makeShop(database.db, {
    item: { stock: 1_000_000n },
    mandate: { capMinor: 1_000_000_000n },
  });
  const scopes = ["purchases:read", "purchases:write", "items:write", "mandates:write"];
  store = { shop, key: await makeKey({ database } as TestApi, shop, scopes) };
});
afterAll(() => database.close());

async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 120_000, interval: 10 }).toBe(true);
}

/** The first writes of batches meet a conflict, until one is cut; a sequence is never rolled back. */
async function conflict(): Promise<void> {
  await query(database.db, "create sequence turns");
  await query(
    database.db,
    `create function conflicted() returns trigger language plpgsql as $$
     begin
       if nextval('turns') <= 12 then raise 'lost' using errcode = '40001'; end if;
       return null;
     end $$`,
  );
  await query(
    database.db,
    "create trigger conflicted before insert on asks execute function conflicted()",
  );
}

async function calm(): Promise<void> {
  await query(database.db, "drop function if exists conflicted cascade");
  await query(database.db, "drop sequence if exists turns");
  // A flag outlasts who raised it by two seconds: time is turned on, not waited for.
  await query(database.db, "update pools set gate_until = now() where gate is not null");
}

const paths: Readonly<Record<Provocation, () => [path: string, body: object] | undefined>> = {
  purchases: () => undefined,
  conflicts: () => undefined,
  adjust: () => [`/v1/items/${store.shop.item.itemId}/adjust`, { quantity: 5, reason: "crash" }],
  block: () => [`/v1/agents/stranger-${crypto.randomUUID()}/block`, {}],
};

const { crashes } = inject("testFaults");

describe("a server that dies", () => {
  it.each(inTurn(serverCrashes, crashes))(
    "at a crash point of its %s (%j) loses no answer and does nothing twice",
    { timeout: 900_000 },
    async (by, points) => {
      await using server = await ChildProgram.of("serve", { ZERORACE_DATABASE_URL: database.url });
      const over = new AbortController();
      onTestFinished(() => over.abort());
      let answered = 0;
      let recoveryMs = 0;
      const commands: Promise<void>[] = [];
      const dieEverywhere = async (): Promise<void> => {
        for (const at of points) {
          if (by === "conflicts") await conflict();
          await server.start({ ZERORACE_CRASH_AT: at });
          const [path, body = {}] = paths[by]() ?? [];
          const asked = { key: store.key, body };
          if (path !== undefined) {
            commands.push(sentUntilDone(`${server.url}${path}`, asked, over.signal));
          }
          await until(() => server.isDead);
          expect(await server.ended()).toMatchObject({
            signal: "SIGKILL",
            said: expect.stringContaining(`dies at ${at.replace(/#\d+$/, "")}`) as string,
          });
          await calm();
        }
        await server.start();
        const [before, upAt] = [answered, performance.now()];
        await until(() => answered > before);
        recoveryMs = performance.now() - upAt;
        await Promise.all(commands);
        await until(() => answered > before + 50);
      };
      const dying = dieEverywhere().finally(() => over.abort());
      const round = await playOverHttp(database.db, [server.url], {
        operations: 20_000,
        signal: over.signal,
        onProgress: (done) => void (answered = done),
      });
      await dying;
      expectKept(round, { name: `crash-points-${by}`, faults: points.length, recoveryMs });
      if (by === "adjust") expect(await movesOf(store)).toBe(points.length);
    },
  );
});

async function movesOf({ shop }: Store): Promise<number> {
  const rows = await query(
    database.db,
    "select 1 from stock_moves where reason = 'crash' and tenant_id = $1",
    [shop.tenantId],
  );
  return rows.length;
}

describe("a migration that dies", () => {
  it.each(migrationCrashes)("at $at is gone on with by the next one", async ({ at }) => {
    const [empty, fresh] = await Promise.all([emptyDatabase(), freshDatabase()]);
    onTestFinished(() => empty.close());
    onTestFinished(() => fresh.close());
    const env = { ZERORACE_DATABASE_URL: empty.url };
    const dead = await runCommand(["migrate"], { ...env, ZERORACE_CRASH_AT: at });
    expect(dead.err).toContain(`dies at ${at.replace(/#\d+$/, "")}`);
    const steps = await query(empty.db, "select version, step from schema_migrations");
    const whole = await runCommand(["migrate", "--json"], env);
    expect(whole.code, whole.err).toBe(0);
    const after = await query(empty.db, "select version, step from schema_migrations");
    expect(after).toHaveLength(steps.length + Number(JSON.parse(whole.out).steps));
    expect(await readCatalogue(empty.db)).toBe(await readCatalogue(fresh.db));
  });
});

it("a process with a crash point that others may depend on does not start", async () => {
  const { code, err } = await runCommand(["serve"], {
    ZERORACE_DATABASE_URL: "postgres://a:b@db.example.com:5432/shop",
    ZERORACE_CRASH_AT: "batch.taken",
  });
  expect(code).toBe(2);
  expect(err).toContain("ZERORACE_CRASH_AT is for tests on one machine");
});
