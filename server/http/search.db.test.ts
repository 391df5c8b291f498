import { afterAll, beforeAll, expect, it } from "vitest";
import { call, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { makeShop } from "../testing/factories.ts";

let api: TestApi;
let key: string;
const made: Record<"merchants" | "items" | "mandates", string[]> = {
  merchants: [],
  items: [],
  mandates: [],
};
const names = ["Desk lamp", "LAMP 100%", "a_chair"];

beforeAll(async () => {
  api = await startApi();
  const shop = await makeShop(api.database.db);
  const nouns = ["merchants", "items", "mandates"] as const;
  key = await makeKey(
    api,
    shop,
    nouns.flatMap((noun) => [`${noun}:read`, `${noun}:write`]),
  );
  const create = async (noun: keyof typeof made, body: object): Promise<void> => {
    const { body: thing } = await post(api, `/v1/${noun}`, body, {
      key,
      idempotencyKey: crypto.randomUUID(),
    });
    made[noun].push(String(thing.id));
  };
  const { merchantId } = shop;
  const item = { merchantId, currency: "USD", priceMinor: 100, stock: 1 };
  for (const [at, name] of names.entries()) {
    await create("merchants", { name });
    await create("items", { ...item, name, sku: `SKU-${at}` });
    await create("mandates", { name, currency: "USD", capMinor: 100 });
  }
});
afterAll(() => api.close());

interface Found {
  readonly id: string;
  readonly name: string;
}

async function find(noun: string, search: string, more = ""): Promise<readonly Found[]> {
  const url = `${api.url}/v1/${noun}?search=${encodeURIComponent(search)}${more}`;
  const { status, body } = await call(url, { headers: { Authorization: `Bearer ${key}` } });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data as Found[];
}
const namesOf = (found: readonly Found[]): string[] => found.map(({ name }) => name);

it.each(["merchants", "items", "mandates"] as const)(
  "%s are found by a part of their name, in any case, or by their id, the newest first",
  async (noun) => {
    expect(namesOf(await find(noun, "lamp"))).toEqual(["LAMP 100%", "Desk lamp"]);
    expect(namesOf(await find(noun, "lamp", "&limit=1"))).toEqual(["LAMP 100%"]);
    // No pattern: what stands for anything elsewhere stands for itself.
    expect(namesOf(await find(noun, "%"))).toEqual(["LAMP 100%"]);
    expect(namesOf(await find(noun, "a_c"))).toEqual(["a_chair"]);
    expect(await find(noun, "sofa")).toEqual([]);
    const [id = ""] = made[noun];
    expect(namesOf(await find(noun, id.toUpperCase()))).toEqual(["Desk lamp"]);
    for (const wrong of ["", "%00", "%20", "x".repeat(101)]) {
      const headers = { Authorization: `Bearer ${key}` };
      const { status } = await call(`${api.url}/v1/${noun}?search=${wrong}`, { headers });
      expect(status, `search=${wrong}`).toBe(422);
    }
  },
);

it("items are found by their SKU too", async () => {
  expect(namesOf(await find("items", "sku-2"))).toEqual(["a_chair"]);
});
