import { prepared } from "../server/db/sql.ts";
import { transact } from "../server/db/transact.ts";
import { watermarkKey } from "../server/readplane/keys.ts";
import { putIfNewer } from "../server/readplane/put.ts";
import type { JobContext } from "./job.ts";
import { underWayMs } from "./outbox/floor.ts";

/** Says up to when everything that was committed can be read in the copies, but for what is parked. */
export async function tellWatermark({ db, plane }: JobContext): Promise<void> {
  if (!plane) return;
  // A row goes when its copies are written: what is older than the oldest row is there.
  const statement = prepared("watermark")`
    select least(now() - ${underWayMs} * interval '1 millisecond', min(created_at)) as "asOf"
      from outbox`;
  const [row] = await transact(db, "watermark", (tx) => tx.rows<{ asOf: Date }>(statement), {
    readOnly: true,
  });
  if (!row) return;
  const version = BigInt(row.asOf.getTime());
  await putIfNewer(plane, [{ ...watermarkKey, version, view: { asOf: row.asOf.toISOString() } }]);
}
