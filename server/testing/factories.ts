import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import type { Db } from "../db/open.ts";
import { openKernel, type Kernel, type KernelSettings } from "../kernel/gather.ts";
import { openItems, openMandates, type NewItem, type NewMandate } from "../kernel/openings.ts";
import type { Answer, CommitAsk, HoldAsk } from "../kernel/types.ts";
import { openWorld, type World } from "../proof/world.ts";

/** A world with one thing for sale and one mandate to buy it. */
export interface Shop extends World {
  readonly item: NewItem;
  readonly mandate: NewMandate;
}

interface ShopGiven {
  readonly item?: Partial<NewItem>;
  readonly mandate?: Partial<NewMandate>;
}

export async function makeShop(db: Db, given: ShopGiven = {}): Promise<Shop> {
  const world = await openWorld(db, "a test");
  const item = await makeItem(db, world, given.item);
  const mandate = await makeMandate(db, world, given.mandate);
  return { ...world, item, mandate };
}

export async function makeItem(
  db: Db,
  { tenantId, merchantId }: World,
  given: Partial<NewItem> = {},
): Promise<NewItem> {
  const itemId = randomUUID();
  const selling = { currency: "USD", priceMinor: 100n, stock: 100n, buckets: 8 };
  const names = { itemId, tenantId, merchantId, sku: itemId, name: "a thing" };
  const item = { ...names, ...selling, ...given };
  await openItems(db, [item]);
  return item;
}

export async function makeMandate(
  db: Db,
  { tenantId }: World,
  given: Partial<NewMandate> = {},
): Promise<NewMandate> {
  const money = { currency: "USD", capMinor: 1_000_000n, buckets: 8 };
  const mandate = { mandateId: randomUUID(), tenantId, name: "a mandate", ...money, ...given };
  await openMandates(db, [mandate]);
  return mandate;
}

type Given<A> = Partial<Omit<A, "kind">> & { readonly quantity?: bigint };

/** One unit of the shop's thing at its price, under a key of its own. */
export function commitAsk(shop: Shop, given: Given<CommitAsk> = {}): CommitAsk {
  return { kind: "commit", ...buying(shop, given) };
}

export function holdAsk(shop: Shop, given: Given<HoldAsk> = {}): HoldAsk {
  return { kind: "hold", holdSeconds: 600, ...buying(shop, given) };
}

function buying<G extends Given<CommitAsk>>(shop: Shop, given: G) {
  const { tenantId, merchantId, item, mandate } = shop;
  const { quantity = 1n, ...asked } = given;
  return {
    tenantId,
    merchantId,
    key: randomUUID(),
    mandateId: mandate.mandateId,
    agentId: "agent",
    lines: [{ itemId: item.itemId, quantity }],
    amountMinor: item.priceMinor * quantity,
    currency: item.currency,
    ...asked,
  };
}

/** What capture, extend, release and refund have in common. */
export function about({ tenantId, merchantId }: World, purchaseId: string) {
  return { tenantId, merchantId, purchaseId, key: randomUUID() };
}

/** The shop's thing and its mandate, as commands name them. */
export function subject({ tenantId, item, mandate }: Shop) {
  return { tenantId, itemId: item.itemId, mandateId: mandate.mandateId };
}

/** Closed when the test is over, whatever came of it. */
export function startKernel(db: Db, settings: Partial<KernelSettings> = {}): Kernel {
  const kernel = openKernel(db, settings);
  onTestFinished(() => kernel.close());
  return kernel;
}

/** The answer's text, read as the public face would read it. */
export interface Told {
  readonly outcome: string;
  readonly intentId: string;
  readonly failureCode?: string;
  readonly reason?: string;
  readonly period?: string;
  readonly limit?: number;
  readonly used?: number;
  readonly asked?: number;
  readonly resetsAt?: string;
  readonly expiresAt?: string;
  readonly amountMinor?: number;
  readonly attempts: number;
  readonly replayed: boolean;
}

export function told(answer: Answer): Told {
  if (!("text" in answer)) throw new Error(`not an answer on record: ${JSON.stringify(answer)}`);
  return JSON.parse(answer.text) as Told;
}

/** The purchase that a commit or a hold made; anything but a grant fails the test. */
export async function granted(answer: Promise<Answer>): Promise<string> {
  const given = await answer;
  if (given.kind !== "granted") throw new Error(`not granted: ${JSON.stringify(given)}`);
  return given.id;
}

/** How often each kind of answer, and each reason of a decline, was given. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = answer.kind === "declined" ? (told(answer).reason ?? "?") : answer.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
