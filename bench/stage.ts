import { randomUUID } from "node:crypto";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeMetrics } from "../server/base/metrics.ts";
import { startEmbedded, type EmbeddedPostgres } from "../server/db/embedded.ts";
import { migrate } from "../server/db/migrate.ts";
import { openDb, type Db } from "../server/db/open.ts";
import { openKernel, type Kernel, type KernelSettings } from "../server/kernel/gather.ts";
import {
  openItems,
  openMandates,
  type NewItem,
  type NewMandate,
} from "../server/kernel/openings.ts";
import { openWorld, type World } from "../server/proof/world.ts";

export interface Stage {
  readonly postgres: EmbeddedPostgres;
  readonly db: Db;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A PostgreSQL of the bench's own, durable as in production; both contestants run on it. */
export async function openStage(): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), "zerorace-bench-"));
  // Readable for the account that the server steps down to, where we are root.
  await chmod(home, 0o711);
  const dataDir = join(home, "data");
  const postgres = await startEmbedded({
    dataDir,
    settings: { shared_buffers: "1GB", max_wal_size: "8GB", checkpoint_timeout: "30min" },
    removeAtEnd: home,
  });
  const db = openDb({ url: postgres.url, name: "bench" }, makeMetrics());
  await migrate(db);
  return {
    postgres,
    db,
    async [Symbol.asyncDispose]() {
      await db.close();
      await postgres.stop();
    },
  };
}

export interface Shop extends World {
  readonly itemIds: readonly string[];
  readonly mandateIds: readonly string[];
  /** A mandate's id is this and its number in twelve hex digits: pgbench can make it up, too. */
  readonly mandatePrefix: string;
  readonly priceMinor: bigint;
}

export interface ShopOptions {
  readonly items?: number;
  readonly mandates?: number;
  readonly stock?: bigint;
  readonly buckets?: number;
}

/** A world of its own with stock and money in plenty, or as little as the phase wants. */
export async function openShop(db: Db, options: ShopOptions = {}): Promise<Shop> {
  const { items = 1, mandates = 100, stock = 1_000_000_000n, buckets = 64 } = options;
  const world = await openWorld(db, "bench");
  const { tenantId, merchantId } = world;
  const priceMinor = 2_500n;
  const some = { tenantId, merchantId, name: "bench", currency: "USD" };
  const newItems = Array.from({ length: items }, (_, index): NewItem => {
    return { ...some, itemId: randomUUID(), sku: `sku-${index}`, priceMinor, stock, buckets };
  });
  const mandatePrefix = randomUUID().slice(0, 24);
  const newMandates = Array.from({ length: mandates }, (_, index): NewMandate => {
    const mandateId = mandatePrefix + index.toString(16).padStart(12, "0");
    return { ...some, mandateId, capMinor: 1_000_000_000_000_000n };
  });
  await openItems(db, newItems);
  await openMandates(db, newMandates);
  const itemIds = newItems.map(({ itemId }) => itemId);
  const mandateIds = newMandates.map(({ mandateId }) => mandateId);
  return { ...world, itemIds, mandateIds, mandatePrefix, priceMinor };
}

export async function withKernel<T>(
  db: Db,
  settings: Partial<KernelSettings>,
  work: (kernel: Kernel) => Promise<T>,
): Promise<T> {
  const kernel = openKernel(db, settings);
  try {
    return await work(kernel);
  } finally {
    await kernel.close();
  }
}
