import { afterAll, beforeAll, expect, it } from "vitest";
import { call, makeKey, post, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { makePerson, makeShopIn, type SignedIn } from "../testing/people.ts";

let api: TestApi;
let operator: SignedIn;
let owner: SignedIn;
beforeAll(async () => {
  api = await startApi({ ZERORACE_RUN_FAULTS: "1" });
  operator = await makePerson(api.database.db, { isInstanceOperator: true });
  owner = await makePerson(api.database.db);
});
afterAll(() => api.close());

const faults = { cutPercent: 3, lostCommitPercent: 10, slowMs: 1 };
const sizes = { agents: 2_000, units: 50, seed: 3, concurrency: 200 };

const ask = async (by: SignedIn, body: object, at = api): Promise<Reply> =>
  call(`${at.url}/v1/runs`, {
    method: "POST",
    headers: {
      Cookie: by.cookie,
      "Sec-Fetch-Site": "same-origin",
      "Content-Type": "application/json",
      "Idempotency-Key": crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  });

it("are for the instance operator alone, and each has its bounds", async () => {
  expect(await ask(owner, { ...sizes, faults })).toMatchObject({
    status: 403,
    body: { code: "FORBIDDEN", detail: expect.stringContaining("instance operator") },
  });
  const shop = await makeShopIn(api.database.db, operator.testTenantId);
  const key = await makeKey(api, shop, ["runs:write"]);
  const byKey = await post(api, "/v1/runs", { ...sizes, faults }, { key, idempotencyKey: "k" });
  expect(byKey.status).toBe(403);
  for (const wrong of [{ cutPercent: 21 }, { slowMs: -1 }, { homeAway: "yes" }, { other: 1 }]) {
    expect((await ask(operator, { ...sizes, faults: wrong })).status).toBe(422);
  }
  expect(await ask(operator, { ...sizes, faults: { homeAway: true } })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: "/faults/homeAway" }] },
  });
});

it("are done to a run, which says how often and is proven all the same", async () => {
  const { status, body } = await ask(operator, { ...sizes, faults });
  expect(status).toBe(201);
  expect(body).toMatchObject({ faults, world: "none" });
  const show = async () =>
    (await call(`${api.url}/v1/runs/${String(body.id)}`, { headers: { Cookie: operator.cookie } }))
      .body;
  await expect.poll(async () => (await show()).state, { timeout: 60_000 }).toBe("finished");
  const { report, world } = await show();
  expect(world).toBe("there");
  expect(report).toMatchObject({
    ok: true,
    complaints: [],
    sold: 50,
    invariants: { oversells: 0, duplicateSettlements: 0, ledgerDrift: 0, mandateBreaches: 0 },
    faults: { cuts: expect.any(Number), failovers: 0 },
  });
  const { cuts, commitsLostBefore, commitsLostAfter } = (report as { faults: Counts }).faults;
  expect(cuts + commitsLostBefore + commitsLostAfter).toBeGreaterThan(0);
}, 90_000);

type Counts = Record<"cuts" | "commitsLostBefore" | "commitsLostAfter", number>;

it("are refused where they are not switched on", async () => {
  const quiet = await startApi();
  const person = await makePerson(quiet.database.db, { isInstanceOperator: true });
  expect(await ask(person, { ...sizes, faults }, quiet)).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining("ZERORACE_RUN_FAULTS=1") },
  });
  await quiet.close();
});
