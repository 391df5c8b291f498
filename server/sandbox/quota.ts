import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import type { SandboxWorld } from "./world.ts";

const freshMs = 60_000;

interface Count {
  asks: number;
}

/**
 * How many asks a world keeps at most. Counted once a minute, and what this process adds in between
 * on top: what others add is seen a minute late.
 */
export class SandboxQuota {
  readonly #db: Db;
  readonly #max: number;
  #count: Promise<Count> | undefined;
  #untilMs = 0;
  #tenantId = "";

  constructor(db: Db, max: number) {
    this.#db = db;
    this.#max = max;
  }

  async isFull(world: SandboxWorld): Promise<boolean> {
    return (await this.#current(world)).asks >= this.#max;
  }

  async added(world: SandboxWorld): Promise<void> {
    (await this.#current(world)).asks += 1;
  }

  #current({ tenantId }: SandboxWorld): Promise<Count> {
    const now = performance.now();
    if (this.#count === undefined || now > this.#untilMs || tenantId !== this.#tenantId) {
      this.#untilMs = now + freshMs;
      this.#tenantId = tenantId;
      const counted = countAsks(this.#db, tenantId, this.#max);
      this.#count = counted;
      counted.catch(() => {
        if (this.#count === counted) this.#count = undefined;
      });
    }
    return this.#count;
  }
}

/** No more of them are looked at than make it full. */
async function countAsks(db: Db, tenantId: string, max: number): Promise<Count> {
  const [row] = await transact(
    db,
    "sandbox_count",
    (tx) =>
      tx.rows<{ asks: string }>(
        sql`select count(*) as asks
              from (select 1 from asks where tenant_id = ${tenantId} limit ${max}) as kept`,
      ),
    { readOnly: true },
  );
  return { asks: Number(row?.asks ?? 0) };
}

/** A key that has its answer keeps it: sending it again adds nothing. */
export async function isAnswered(db: Db, { merchantId }: SandboxWorld, key: string) {
  const rows = await transact(
    db,
    "sandbox_key",
    (tx) => tx.rows(sql`select 1 from asks where merchant_id = ${merchantId} and key = ${key}`),
    { readOnly: true },
  );
  return rows.length > 0;
}
