import {
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  type AttributeValue,
} from "@aws-sdk/client-dynamodb";
import { nameOf, totalsKey, watermarkKey, type Key } from "./keys.ts";
import { ask, type Plane } from "./open.ts";

export interface Copy {
  readonly version: bigint;
  readonly view: unknown;
}

/** One copy, as of its last write. */
export async function readCopy(plane: Plane, { pk, sk }: Key): Promise<Copy | undefined> {
  const command = new GetItemCommand({
    TableName: plane.table,
    Key: { pk: { S: pk }, sk: { S: sk } },
    ConsistentRead: true,
  });
  const { Item } = await ask(plane, "answer", plane.client.send(command));
  return Item && copyOf(Item);
}

/** As many as DynamoDB reads at once. */
const atOnce = 100;

/** Many copies, by name; those that there are not are not among them. */
export async function readMany(plane: Plane, keys: readonly Key[]): Promise<Map<string, Copy>> {
  const found = new Map<string, Copy>();
  const { table } = plane;
  let left = keys.map(({ pk, sk }): Record<string, AttributeValue> => ({
    pk: { S: pk },
    sk: { S: sk },
  }));
  while (left.length > 0) {
    const command = new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: left.slice(0, atOnce), ConsistentRead: true } },
    });
    const answer = await ask(plane, "answer", plane.client.send(command));
    for (const item of answer.Responses?.[table] ?? []) {
      const { pk, sk } = item;
      found.set(nameOf({ pk: pk?.S ?? "", sk: sk?.S ?? "" }), copyOf(item));
    }
    // What was too much for one answer is asked for again.
    left = [...(answer.UnprocessedKeys?.[table]?.Keys ?? []), ...left.slice(atOnce)];
  }
  return found;
}

/** The sums of a merchant or a tenant, in all its currencies. */
export async function readTotals(plane: Plane, ownerId: string): Promise<Copy[]> {
  const command = new QueryCommand({
    TableName: plane.table,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: totalsKey(ownerId, "").pk } },
    ConsistentRead: true,
  });
  const { Items = [] } = await ask(plane, "answer", plane.client.send(command));
  return Items.map(copyOf);
}

/** Everything that was committed before this moment can be read here; undefined before the first. */
export async function readWatermark(plane: Plane): Promise<string | undefined> {
  const copy = await readCopy(plane, watermarkKey);
  return (copy?.view as { asOf?: string } | undefined)?.asOf;
}

function copyOf(item: Record<string, AttributeValue>): Copy {
  return { version: BigInt(item.version?.N ?? "0"), view: JSON.parse(item.view?.S ?? "{}") };
}
