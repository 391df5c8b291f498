import {
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type CancellationReason,
} from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import { crashPoint } from "../base/crash-points.ts";
import { nameOf, type Doc } from "./keys.ts";
import { ask, PlaneAwayError, type Plane } from "./open.ts";

/** Documents that DynamoDB will not take, by name, and why. */
export type Refused = ReadonlyMap<string, string>;

/** As many as a transaction may have. A transaction costs twice, and a tenth of the time of single puts. */
const atOnce = 100;
/** How long a chunk is tried again; then its events are, from the books as they are by then. */
const patienceMs = 1_500;

/**
 * Writes what is newer than what is there. When it returns, every document is there in this version
 * or a later one, except those that were refused.
 */
export async function putIfNewer(plane: Plane, docs: readonly Doc[]): Promise<Refused> {
  const byName = new Map<string, Doc>();
  for (const doc of docs) {
    const other = byName.get(nameOf(doc));
    if (!other || other.version < doc.version) byName.set(nameOf(doc), doc);
  }
  const refused = new Map<string, string>();
  // In one order for everybody: two who write the same documents meet at the first.
  const sorted = [...byName.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const chunks = [];
  for (let from = 0; from < sorted.length; from += atOnce) {
    chunks.push(putChunk(plane, sorted.slice(from, from + atOnce), refused));
  }
  const done = await Promise.allSettled(chunks);
  for (const one of done) if (one.status === "rejected") throw one.reason;
  return refused;
}

async function putChunk(
  plane: Plane,
  docs: readonly Doc[],
  refused: Map<string, string>,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  let left = docs;
  for (let attempt = 1; left.length > 0; attempt++) {
    try {
      await ask(plane, "take a write", plane.client.send(commandOf(plane, left)));
      crashPoint("put.chunk");
      plane.metrics.planeWrites.inc({ result: "written" }, left.length);
      return;
    } catch (error) {
      if (error instanceof TransactionCanceledException) {
        const before = left.length;
        left = stillToWrite(plane, left, error.CancellationReasons ?? [], refused);
        // One that is left out is progress: the others go again at once.
        if (left.length < before) continue;
        if (performance.now() > giveUpAt) throw away(error);
      } else if ((error as Error).name === "ValidationException") {
        await putHalves(plane, left, refused, (error as Error).message);
        return;
      } else if (performance.now() > giveUpAt) throw error;
      await sleep(Math.random() * Math.min(200, 10 * 2 ** attempt));
    }
  }
}

/** Which one it does not like is not said: cut in halves until there is one. */
async function putHalves(
  plane: Plane,
  docs: readonly Doc[],
  refused: Map<string, string>,
  why: string,
): Promise<void> {
  const [only] = docs;
  if (docs.length === 1 && only) {
    refuse(plane, only, refused, why);
    return;
  }
  const middle = Math.ceil(docs.length / 2);
  await putChunk(plane, docs.slice(0, middle), refused);
  await putChunk(plane, docs.slice(middle), refused);
}

function stillToWrite(
  plane: Plane,
  docs: readonly Doc[],
  reasons: readonly CancellationReason[],
  refused: Map<string, string>,
): readonly Doc[] {
  return docs.filter((doc, index) => {
    const { Code: code = "None", Message: message = "" } = reasons[index] ?? {};
    if (code === "ConditionalCheckFailed") {
      plane.metrics.planeWrites.inc({ result: "older" });
      return false;
    }
    if (code !== "ValidationError" && code !== "ItemCollectionSizeLimitExceeded") return true;
    refuse(plane, doc, refused, `${code} ${message}`);
    return false;
  });
}

function refuse({ metrics }: Plane, doc: Doc, refused: Map<string, string>, why: string): void {
  metrics.planeWrites.inc({ result: "refused" });
  refused.set(nameOf(doc), `DynamoDB refuses ${nameOf(doc)}: ${why}`);
}

function away(error: TransactionCanceledException): PlaneAwayError {
  const codes = error.CancellationReasons?.map(({ Code }) => Code).filter(
    (code) => code !== "None",
  );
  return new PlaneAwayError(`DynamoDB did not take a write: ${[...new Set(codes)].join(", ")}`, {
    cause: error,
  });
}

function commandOf({ table }: Plane, docs: readonly Doc[]): TransactWriteItemsCommand {
  return new TransactWriteItemsCommand({
    TransactItems: docs.map(({ pk, sk, version, view }) => ({
      Put: {
        TableName: table,
        Item: {
          pk: { S: pk },
          sk: { S: sk },
          version: { N: String(version) },
          view: { S: JSON.stringify(view) },
        },
        ConditionExpression: "attribute_not_exists(version) OR version < :version",
        ExpressionAttributeValues: { ":version": { N: String(version) } },
      },
    })),
  });
}
