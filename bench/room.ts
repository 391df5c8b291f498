import { drive } from "../server/proof/drive.ts";
import { evenBuyer } from "./press.ts";
import { openShop, withKernel, type Stage } from "./stage.ts";

/** Bytes that a purchase leaves: on disk, table by table with its indexes, and in the log. */
export async function benchRoom(stage: Stage, seconds: number): Promise<string> {
  const told: string[] = [];
  for (const inFlight of [1, 64, 2_000]) {
    const { purchases, logBytes, tables } = await measure(stage, inFlight, seconds);
    const each = (bytes: number): number => Math.round(bytes / purchases);
    const onDisk = tables.reduce((sum, { bytes }) => sum + bytes, 0);
    const most = tables
      .filter(({ bytes }) => each(bytes) > 0)
      .map(({ name, bytes }) => `${name} ${each(bytes)}`);
    console.log(
      `${String(inFlight).padStart(5)} in flight  ${purchases.toLocaleString("en").padStart(8)} purchases  ` +
        `${each(onDisk)} bytes on disk (${most.join(", ")}), ${each(logBytes)} of log`,
    );
    told.push(`disk${inFlight}=${each(onDisk)} log${inFlight}=${each(logBytes)}`);
  }
  return `bench room: ${told.join(" ")}`;
}

interface Room {
  readonly purchases: number;
  readonly logBytes: number;
  readonly tables: readonly { readonly name: string; readonly bytes: number }[];
}

async function measure({ db }: Stage, inFlight: number, seconds: number): Promise<Room> {
  const shop = await openShop(db, { mandates: 1_000 });
  const sell = (ms: number): Promise<number> =>
    withKernel(db, {}, async (kernel) => {
      const deadlineAt = performance.now() + ms;
      return (await drive(kernel, evenBuyer(shop), { inFlight, deadlineAt })).counts.granted;
    });
  // Whole pages go into the log when they are first touched after a checkpoint: not counted here.
  await sell(1_000);
  const [tablesBefore, logBefore] = [await sizes(db), await logAt(db)];
  const purchases = await sell(seconds * 1_000);
  const [tables, logAfter] = [await sizes(db), await logAt(db)];
  return {
    purchases,
    logBytes: logAfter - logBefore,
    tables: [...tables]
      .map(([name, bytes]) => ({ name, bytes: bytes - (tablesBefore.get(name) ?? 0) }))
      .toSorted((one, other) => other.bytes - one.bytes),
  };
}

async function logAt({ pool }: Stage["db"]): Promise<number> {
  const { rows } = await pool.query<{ at: number }>(
    "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as at",
  );
  return rows[0]?.at ?? 0;
}

async function sizes({ pool }: Stage["db"]): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ name: string; bytes: number }>(
    `select relname::text as name, pg_total_relation_size(oid)::float8 as bytes from pg_class
      where relkind = 'r' and relnamespace = current_schema()::regnamespace`,
  );
  return new Map(rows.map(({ name, bytes }) => [name, bytes]));
}
