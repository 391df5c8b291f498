import { GetItemCommand, QueryCommand, type AttributeValue } from "@aws-sdk/client-dynamodb";
import { totalsKey, watermarkKey, type Key } from "./keys.ts";
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
