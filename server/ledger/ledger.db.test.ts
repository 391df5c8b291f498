import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExhaustedError } from "../db/faults.ts";
import { openKernel } from "../kernel/gather.ts";
import { call, makeKey, startApi, type Reply, type TestApi } from "../testing/api.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeMandate,
  makeShop,
  type Shop,
} from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { listLegs, readBalances } from "./store.ts";
import type { BalancesView, EntryView, readPlace, WholeEntryView } from "./wire.ts";

let api: TestApi;
let shop: Shop;
let key: string;
let holdId: string;
beforeAll(async () => {
  api = await startApi();
  const { db } = api.database;
  shop = await makeShop(db);
  key = await makeKey(api, shop, ["ledger:read"]);
  const other = await makeShop(db);
  const kernel = openKernel(db);
  for (let n = 0; n < 5; n++) await granted(kernel.ask(commitAsk(shop)));
  await granted(kernel.ask(commitAsk(other)));
  holdId = await granted(kernel.ask(holdAsk(shop, { quantity: 3n })));
  const part = {
    kind: "capture",
    ...about(shop, holdId),
    amountMinor: 200n,
    quantity: 2n,
  } as const;
  await granted(kernel.ask(part));
  await granted(kernel.ask({ kind: "refund", ...about(shop, holdId), amountMinor: 50n }));
  await kernel.close();
});
afterAll(() => api.close());

const read = async (path: string, by = key): Promise<Reply> =>
  call(`${api.url}/v1/ledger${path}`, { headers: { Authorization: `Bearer ${by}` } });
const codeOf = ({ status, body }: Reply): string => `${status} ${String(body.code)}`;
const entriesIn = ({ body }: Reply): EntryView[] => body.data as EntryView[];

async function everyEntry(filter = "", limit = 3): Promise<EntryView[]> {
  const all: EntryView[] = [];
  let cursor = "";
  for (let pages = 0; pages < 50; pages++) {
    const reply = await read(`/entries?limit=${limit}${filter}${cursor}`);
    expect(reply.status, reply.text).toBe(200);
    expect(entriesIn(reply).length).toBeLessThanOrEqual(limit);
    all.push(...entriesIn(reply));
    const { nextCursor } = reply.body;
    if (typeof nextCursor !== "string") return all;
    cursor = `&cursor=${nextCursor}`;
  }
  throw new Error("the list has no end");
}

const idOf = ({ transactionId, leg }: EntryView): string => `${transactionId}/${leg}`;

describe("the entries", () => {
  it.each([1, 2, 3, 100])(
    "are the tenant's legs, each once, newest first, by %i",
    async (limit) => {
      const entries = await everyEntry("", limit);
      const truth = await query<{ id: string }>(
        api.database.db,
        `select txn_id || '/' || leg as id from ledger_entries where tenant_id = $1
        order by created_at desc, txn_id desc, leg desc`,
        [shop.tenantId],
      );
      expect(entries.map(idOf)).toEqual(truth.map(({ id }) => id));
      expect(truth.length).toBeGreaterThan(15);
    },
  );

  it("are filtered by purchase, merchant, account and time", async () => {
    const all = await everyEntry();
    const own = await everyEntry(`&purchaseId=${holdId}`, 2);
    expect(own).toEqual(all.filter(({ purchaseId }) => purchaseId === holdId));
    expect(new Set(own.map(({ kind }) => kind))).toEqual(new Set(["hold", "capture", "refund"]));
    const merchants = await everyEntry(`&merchantId=${shop.merchantId}`, 2);
    expect(merchants).toEqual(all.filter(({ ownerId }) => ownerId === shop.merchantId));
    const held = await everyEntry("&account=MERCHANT_HELD");
    expect(held).toEqual(all.filter(({ account }) => account === "MERCHANT_HELD"));
    const middle = all[8]?.createdAt ?? "";
    // Bounds are given to the millisecond, rows are kept to the microsecond.
    const at = `${middle.slice(0, 23)}Z`;
    const bound = encodeURIComponent(at);
    const [since, before] = [await everyEntry(`&from=${bound}`), await everyEntry(`&to=${bound}`)];
    expect([...since, ...before]).toEqual(all);
    expect(before.length).toBeLessThan(all.length);
  });

  it("are filtered by mandate, kind, currency and side", async () => {
    const all = await everyEntry();
    const { mandateId } = shop.mandate;
    const own = await everyEntry(`&mandateId=${mandateId}`, 2);
    expect(own).toEqual(all.filter(({ ownerId }) => ownerId === mandateId));
    const captured = await everyEntry(`&kind=capture&purchaseId=${holdId}`);
    expect(captured.map(({ kind }) => kind)).toEqual(["capture", "capture", "capture"]);
    const debits = await everyEntry("&side=debit");
    expect(debits).toEqual(all.filter(({ amountMinor }) => amountMinor < 0));
    const credits = await everyEntry("&side=credit&account=MERCHANT_PAYABLE");
    expect(credits).toHaveLength(6);
    expect(await everyEntry("&currency=EUR")).toEqual([]);
  });

  it("tell whose account it is and what stands on the other side, on request", async () => {
    const { body, status } = await read(`/entries?view=whole&purchaseId=${holdId}&kind=capture`);
    expect(status).toBe(200);
    const legs = body.data as WholeEntryView[];
    const found = legs.map(({ account, ownerName, against }) => [account, ownerName, against]);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        ["MANDATE_RESERVED", "a mandate", ["MERCHANT_HELD"]],
        ["MERCHANT_HELD", expect.any(String), ["MERCHANT_PAYABLE", "MANDATE_RESERVED"]],
        ["MERCHANT_PAYABLE", expect.any(String), ["MERCHANT_HELD"]],
      ]),
    );
    const plain = entriesIn(await read(`/entries?purchaseId=${holdId}&kind=capture`));
    expect(legs).toEqual(plain.map((leg) => expect.objectContaining(leg)));
  });

  it("are looked at in portions: a filter that fits few gives short pages, and an end", async () => {
    const { db } = api.database;
    const found: string[] = [];
    let after: ReturnType<typeof readPlace> | undefined;
    let pages = 0;
    do {
      const filter = { account: "MERCHANT_HELD" };
      const page = await listLegs(db, shop.tenantId, filter, { after, limit: 50, most: 4 });
      found.push(...page.legs.map(({ txnId, leg }) => `${txnId}/${leg}`));
      after = page.next;
      pages++;
    } while (after && pages < 99);
    expect(found).toEqual((await everyEntry("&account=MERCHANT_HELD")).map(idOf));
    expect(pages).toBeGreaterThan(3);
  });

  it("come as a CSV, whole", async () => {
    const { status, text, headers } = await read("/entries?format=csv");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toContain("text/csv");
    const [heading, ...rows] = text.trimEnd().split("\r\n");
    expect(heading).toBe(
      "purchaseId,transactionId,leg,kind,account,ownerId,amountMinor,currency,createdAt,owner,amount",
    );
    const all = await everyEntry();
    const plain = rows.map((row) => row.split(",").slice(0, 9).join());
    expect(plain).toEqual(all.map((entry) => Object.values(entry).join()));
    for (const row of rows) {
      const [minor, , , , amount] = row.split(",").slice(6);
      expect(Number(amount)).toBe(Number(minor) / 100);
    }
    // A negative amount stays a number.
    expect(text).toContain(",-100,USD,");
  });

  it.each([
    ["?account=CASH", "422 VALIDATION_FAILED"],
    ["?merchantId=x", "422 VALIDATION_FAILED"],
    ["?purchaseId=", "422 VALIDATION_FAILED"],
    ["?side=left", "422 VALIDATION_FAILED"],
    ["?kind=sale", "422 VALIDATION_FAILED"],
    ["?mandateId=01a1f993-84cc-7a17-85e2-7d51c3a2ba32", "404 UNKNOWN_MANDATE"],
    ["?format=csv&view=whole", "422 UNKNOWN_PARAMETER"],
    ["?from=yesterday", "422 VALIDATION_FAILED"],
    ["?to=2026-02-30T00:00:00Z", "422 VALIDATION_FAILED"],
    ["?limit=0", "422 VALIDATION_FAILED"],
    ["?limit=101", "422 VALIDATION_FAILED"],
    ["?format=xml", "422 VALIDATION_FAILED"],
    ["?format=csv&limit=5", "422 UNKNOWN_PARAMETER"],
    ["?cursor=x", "422 BAD_CURSOR"],
    ["?cursor=x.1", "422 BAD_CURSOR"],
    ["?cursor=", "422 BAD_CURSOR"],
    ["?tenantId=x", "422 UNKNOWN_PARAMETER"],
    ["?account=MERCHANT_HELD&account=MERCHANT_HELD", "422 UNKNOWN_PARAMETER"],
    ["?merchantId=01a1f993-84cc-7a17-85e2-7d51c3a2ba32", "404 UNKNOWN_MERCHANT"],
    ["?purchaseId=01a1f993-84cc-7a17-85e2-7d51c3a2ba32", "404 UNKNOWN_PURCHASE"],
  ])("are not answered for %s: %s", async (search, expected) => {
    expect(codeOf(await read(`/entries${search}`))).toBe(expected);
  });

  it("are read from the index, in order", async () => {
    const client = await api.database.db.pool.connect();
    await client.query("set enable_seqscan = off; set enable_sort = off");
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `explain select * from ledger_entries
        where tenant_id = $1 and (created_at, txn_id, leg) < (now(), $1, 1)
        order by created_at desc, txn_id desc, leg desc limit 10`,
      [shop.tenantId],
    );
    client.release(true);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain("Index Scan Backward using ledger_entries_by_tenant");
    expect(plan).not.toContain("Sort");
  });
});

describe("the balances", () => {
  it("are the sums of all legs, and the trial balance is zero", async () => {
    const { status, body } = await read("/balances");
    expect(status).toBe(200);
    const all = await everyEntry("", 100);
    const sumOf = (account: string, on = (_: number): boolean => true): number =>
      all
        .filter((entry) => entry.account === account && on(entry.amountMinor))
        .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    const legsOf = (account: string) => all.filter((entry) => entry.account === account).length;
    const names = ["MANDATE_RESERVED", "MERCHANT_HELD", "MERCHANT_PAYABLE"];
    expect(body).toEqual({
      source: "books",
      asOf: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      merchantId: null,
      accounts: names.map((account) => ({
        account,
        currency: "USD",
        balanceMinor: sumOf(account),
        debitMinor: -sumOf(account, (amount) => amount < 0),
        creditMinor: sumOf(account, (amount) => amount > 0),
        legs: legsOf(account),
      })),
      trialBalance: [{ currency: "USD", sumMinor: 0 }],
    });
    expect(sumOf("MERCHANT_PAYABLE")).toBe(650);
  });

  it("are those of a moment on request", async () => {
    const all = await everyEntry();
    const at = all[8]?.createdAt ?? "";
    const { body } = await read(`/balances?to=${at}`);
    const { accounts, trialBalance, asOf } = body as unknown as BalancesView;
    const before = all.filter(({ createdAt }) => createdAt < at);
    const sum = (some: readonly { legs: number }[]) => some.reduce((n, { legs }) => n + legs, 0);
    expect(sum(accounts)).toBe(before.length);
    expect(before.length).toBeGreaterThan(0);
    expect(trialBalance).toEqual([{ currency: "USD", sumMinor: 0 }]);
    expect(asOf).toBe(at);
    const later = await read("/balances?to=2999-01-01T00:00:00Z");
    expect(later.body.asOf).not.toContain("2999");
  });

  it("are a merchant's own on request, and nothing of another's", async () => {
    const { body } = await read(`/balances?merchantId=${shop.merchantId}`);
    const rows = body.accounts as { account: string; balanceMinor: number }[];
    expect(rows.map(({ account, balanceMinor }) => `${account} ${balanceMinor}`)).toEqual([
      "MERCHANT_HELD 0",
      "MERCHANT_PAYABLE 650",
    ]);
    expect(body.trialBalance).toEqual([]);
    expect(codeOf(await read("/balances?merchantId=x"))).toBe("422 VALIDATION_FAILED");
    const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
    expect(codeOf(await read(`/balances?merchantId=${nobody}`))).toBe("404 UNKNOWN_MERCHANT");
    expect(codeOf(await read("/balances?format=csv"))).toBe("422 UNKNOWN_PARAMETER");
  });

  it("are refused where no JSON number is exact, and told as text in the summary", async () => {
    const { db } = api.database;
    const most = 2n ** 53n - 1n;
    const rich = await makeShop(db, { item: { priceMinor: most } });
    const kernel = openKernel(db);
    for (let n = 0; n < 3; n++) {
      const { mandateId } = await makeMandate(db, rich, { capMinor: most });
      await granted(kernel.ask(commitAsk(rich, { mandateId, amountMinor: most })));
    }
    await kernel.close();
    const own = await makeKey(api, rich, ["ledger:read"]);
    expect(codeOf(await read("/balances", own))).toBe("409 SUM_TOO_LARGE");
    const headers = { Authorization: `Bearer ${own}` };
    const { text } = await call(`${api.url}/v1/merchants/${rich.merchantId}/summary`, { headers });
    expect(text).toContain(`"${3n * most}"`);
  });

  it("end when summing takes too long", async () => {
    const { db } = api.database;
    await query(
      db,
      `insert into ledger_entries
       select t, t, leg, $1, 'commit', 'MERCHANT_PAYABLE', $1, leg * 2 - 1, 'EUR', now()
         from (select gen_random_uuid() as t from generate_series(1, 100000)) as many,
              generate_series(0, 1) as leg`,
      [holdId],
    );
    const startedAt = performance.now();
    await expect(readBalances(db, holdId, {}, 105)).rejects.toThrow(ExhaustedError);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const { accounts } = await readBalances(db, holdId, {});
    expect(accounts).toMatchObject([{ balanceMinor: 0n, legs: 200_000n }]);
  });
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
