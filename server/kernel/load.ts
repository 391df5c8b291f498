import type { Tx } from "../db/transact.ts";
import { grantKey } from "./books.ts";
import { keyOf } from "./decide.ts";
import type { Facts, MandateFact, PoolFact, PurchaseLine } from "./facts.ts";
import { expiredHolds } from "./load-expired.ts";
import * as read from "./load-rows.ts";
import { RunningMandate } from "./running-mandate.ts";
import type { BuyingAsk, Entry } from "./types.ts";

/** How many expired holds one look brings. */
const expiredAtOnce = 50;
/** Rows that giving them back may write in one transaction: half of what Aurora DSQL takes. */
const expiredRowsMax = 1_500;
/** Beside its lines, what a release writes: two legs and an event. */
const releaseRows = 3;

interface Demand {
  /** Upper bounds: what the batch could take if every ask were granted. */
  readonly units: Map<string, bigint>;
  readonly money: Map<string, bigint>;
}

/**
 * Facts for one batch, from one snapshot: stored answers, and of every subject one lucky bucket; the
 * other buckets only where that one cannot fill what is asked, expired holds only where all of
 * them cannot. (Loading every bucket took 23,000 purchases a second down to 6,500.) `whole` is for
 * who wants to know all that there is.
 */
export async function load(
  tx: Tx,
  entries: readonly Entry[],
  luck: number,
  newId: () => string,
  whole = false,
): Promise<Facts> {
  const asks = entries.map(({ ask }) => ask);
  const buying = asks.filter((ask): ask is BuyingAsk => "mandateId" in ask);
  const subjects = unique(asks.flatMap((ask) => ("purchaseId" in ask ? [ask.purchaseId] : [])));
  const itemIds = unique(buying.flatMap(({ lines }) => lines.map(({ itemId }) => itemId)));
  const mandateIds = unique(buying.map(({ mandateId }) => mandateId));

  // One round trip: all of these leave together.
  const [recalled, { merchants, nowMs }, { items, pools }, mandates, purchases, blockedAgents] =
    await Promise.all([
      read.recall(tx, asks),
      read.merchantsAndTime(tx, unique(asks.map(({ merchantId }) => merchantId))),
      read.itemsWithPools(tx, itemIds, luck),
      read.mandates(tx, mandateIds, luck),
      read.purchases(tx, subjects),
      read.blockedAgents(tx, buying),
    ]);
  await loadOwnersOf(tx, [...purchases.values()].flat(), pools, mandates, luck);

  const owners = { merchants, items, mandates };
  const fresh = buying.filter((ask) => !recalled.has(keyOf(ask)) && namesOwn(ask, owners));
  const demand = demandOf(fresh, (itemId) => items.get(itemId)?.poolId);
  const [recentGrants] = await Promise.all([
    loadRecentGrants(tx, fresh, items, mandates),
    completeShort(tx, demand, { pools, mandates, whole }),
  ]);
  const demanded = { demand, pools, mandates, purchases, nowMs, luck, newId };
  const expired = await loadExpired(tx, demanded);
  return {
    nowMs,
    merchants,
    items,
    pools,
    mandates,
    purchases,
    ...expired,
    recentGrants,
    blockedAgents,
    recalled,
  };
}

/** Facts to release these expired holds by, when nobody asks for what they hold. */
export async function loadExpiredFacts(
  tx: Tx,
  ids: readonly string[],
  luck: number,
  newId: () => string,
): Promise<Facts> {
  const purchases = await read.purchases(tx, ids);
  const lines = [...purchases.values()].flat();
  const pools = new Map<string, PoolFact>();
  const mandates = new Map<string, MandateFact>();
  const [{ merchants, nowMs }] = await Promise.all([
    read.merchantsAndTime(tx, unique(lines.map(({ merchantId }) => merchantId))),
    loadOwnersOf(tx, lines, pools, mandates, luck),
  ]);
  const expired = ids.map((purchaseId) => ({ purchaseId, txnId: newId() }));
  const none = { items: new Map(), recentGrants: new Map(), recalled: new Map() };
  const blockedAgents = new Set<string>();
  return { nowMs, merchants, pools, mandates, purchases, expired, blockedAgents, ...none };
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

/** An ask that names what is another tenant's is refused: it must not put that one's books in order. */
function namesOwn(
  { tenantId, merchantId, mandateId, lines }: BuyingAsk,
  { merchants, items, mandates }: Pick<Facts, "merchants" | "items" | "mandates">,
): boolean {
  if (merchants.get(merchantId) !== tenantId) return false;
  if (mandates.get(mandateId)?.tenantId !== tenantId) return false;
  return lines.every(({ itemId }) => items.get(itemId)?.tenantId === tenantId);
}

function demandOf(
  asks: readonly BuyingAsk[],
  poolOf: (itemId: string) => string | undefined,
): Demand {
  const units = new Map<string, bigint>();
  const money = new Map<string, bigint>();
  for (const ask of asks) {
    money.set(ask.mandateId, (money.get(ask.mandateId) ?? 0n) + ask.amountMinor);
    for (const { itemId, quantity } of ask.lines) {
      const poolId = poolOf(itemId);
      if (poolId !== undefined) units.set(poolId, (units.get(poolId) ?? 0n) + quantity);
    }
  }
  return { units, money };
}

/** What is given back needs the bucket that it lands in. */
async function loadOwnersOf(
  tx: Tx,
  lines: readonly PurchaseLine[],
  pools: Map<string, PoolFact>,
  mandates: Map<string, MandateFact>,
  luck: number,
): Promise<void> {
  const poolIds = unique(lines.flatMap(({ poolId }) => (poolId === null ? [] : [poolId])));
  const mandateIds = unique(lines.map(({ mandateId }) => mandateId));
  const [morePools, moreMandates] = await Promise.all([
    read.pools(
      tx,
      poolIds.filter((id) => !pools.has(id)),
      luck,
    ),
    read.mandates(
      tx,
      mandateIds.filter((id) => !mandates.has(id)),
      luck,
    ),
  ]);
  for (const [id, pool] of morePools) pools.set(id, pool);
  for (const [id, mandate] of moreMandates) mandates.set(id, mandate);
}

/** All buckets of the pools and mandates whose lucky one cannot fill what is asked of them. */
async function completeShort(
  tx: Tx,
  demand: Demand,
  {
    pools,
    mandates,
    whole,
  }: { pools: Map<string, PoolFact>; mandates: Map<string, MandateFact>; whole: boolean },
): Promise<void> {
  const shortPools = [...demand.units].flatMap(([id, units]) => {
    const pool = pools.get(id);
    return pool && isPartial(pool) && (whole || available(pool) < units) ? [pool] : [];
  });
  const shortMandates = [...demand.money].flatMap(([id, money]) => {
    const mandate = mandates.get(id);
    const isWanted = mandate && isPartial(mandate) && (whole || spendable(mandate) < money);
    return isWanted ? [mandate] : [];
  });
  const [stock, money] = await Promise.all([
    read.otherStockBuckets(tx, shortPools),
    read.otherMandateBuckets(tx, shortMandates),
  ]);
  for (const pool of shortPools) {
    pools.set(pool.poolId, {
      ...pool,
      loaded: [...pool.loaded, ...(stock.get(pool.poolId) ?? [])],
    });
  }
  for (const mandate of shortMandates) {
    const others = money.get(mandate.mandateId) ?? [];
    mandates.set(mandate.mandateId, { ...mandate, loaded: [...mandate.loaded, ...others] });
  }
}

function isPartial({ loaded, buckets }: PoolFact | MandateFact): boolean {
  return loaded.length < buckets;
}

function available({ loaded }: PoolFact): bigint {
  return loaded.reduce((total, bucket) => total + bucket.available, 0n);
}

function spendable(mandate: MandateFact): bigint {
  return new RunningMandate(mandate).spendable;
}

async function loadRecentGrants(
  tx: Tx,
  asks: readonly BuyingAsk[],
  items: Facts["items"],
  mandates: Facts["mandates"],
): Promise<Map<string, number>> {
  const watched = asks.filter(
    ({ mandateId }) => mandates.get(mandateId)?.duplicateWindowMs != null,
  );
  const grants = watched
    .flatMap(({ mandateId, agentId, lines }) =>
      lines.map(({ itemId, quantity }) => {
        const amountMinor = (items.get(itemId)?.priceMinor ?? 0n) * quantity;
        return { mandateId, agentId, itemId, amountMinor };
      }),
    )
    // More than a column holds was never granted, and the ask for it will be rejected.
    .filter(({ amountMinor }) => BigInt.asIntN(64, amountMinor) === amountMinor);
  return read.recentGrants(tx, [
    ...new Map(grants.map((grant) => [grantKey(grant), grant])).values(),
  ]);
}

/**
 * Expired holds of what cannot be filled, 50 at a time, until it can, none remain, or they are as many
 * as one transaction may give back. Adds them and
 * all that their release touches to the facts.
 */
async function loadExpired(
  tx: Tx,
  facts: {
    demand: Demand;
    pools: Map<string, PoolFact>;
    mandates: Map<string, MandateFact>;
    purchases: Map<string, readonly PurchaseLine[]>;
    nowMs: number;
    luck: number;
    newId: () => string;
  },
): Promise<Pick<Facts, "expired" | "moreExpired">> {
  const { demand, pools, mandates, purchases, nowMs, luck, newId } = facts;
  const found = new Map<string, { purchaseId: string; txnId: string }>();
  const units = new Map<string, bigint>();
  // Money may come back without room: a hold of yesterday leaves today's limit as it is.
  const purses = new Map<string, RunningMandate>();
  let rows = 0;
  for (const id of demand.money.keys()) {
    const mandate = mandates.get(id);
    if (mandate) purses.set(id, new RunningMandate(mandate));
  }
  for (;;) {
    const shortPools = [...demand.units].flatMap(([id, asked]) => {
      const pool = pools.get(id);
      return pool && pool.open && available(pool) + (units.get(id) ?? 0n) < asked ? [id] : [];
    });
    const shortMandates = [...demand.money].flatMap(([id, asked]) => {
      const purse = purses.get(id);
      return purse && purse.spendable < asked ? [id] : [];
    });
    if (shortPools.length + shortMandates.length === 0 || rows >= expiredRowsMax) break;
    const after = found.size;
    const ids = await expiredHolds(tx, {
      shortPools,
      shortMandates,
      nowMs,
      skip: [...found.keys()],
      limit: expiredAtOnce,
    });
    if (ids.length === 0) break;
    const lines = await read.purchases(
      tx,
      ids.filter((id) => !purchases.has(id)),
    );
    for (const [id, held] of lines) purchases.set(id, held);
    for (const purchaseId of ids) {
      found.set(purchaseId, { purchaseId, txnId: newId() });
      rows += releaseRows + (purchases.get(purchaseId)?.length ?? 0);
      for (const line of purchases.get(purchaseId) ?? []) {
        if (line.poolId !== null)
          units.set(line.poolId, (units.get(line.poolId) ?? 0n) + line.quantity);
        purses.get(line.mandateId)?.giveBack(line.amountMinor, line);
      }
    }
    if (found.size === after) break;
  }
  const heldLines = [...found.keys()].flatMap((id) => purchases.get(id) ?? []);
  await loadOwnersOf(tx, heldLines, pools, mandates, luck);
  return { expired: [...found.values()], moreExpired: rows >= expiredRowsMax };
}
