import { anyCount, anyId, anyText, problem } from "./expect.ts";
import type { Asked, Fields, Prediction, Reply, Who } from "./request.ts";
import type { World } from "./world.ts";

/** Whose something is, and what is on record under a key. */

export function whose(world: World, who: Who, id: string): "own" | "other" | "none" {
  if (world.strange.includes(id)) return "other";
  const { merchants, items, mandates, asks } = world;
  const isKnown = [merchants, items, mandates, asks].some((all) =>
    all.some((one) => one.id === id),
  );
  if (!isKnown) return "none";
  return who === "stranger" ? "other" : "own";
}

/** Why something cannot be used; undefined when it can. */
export function notOwn(
  world: World,
  who: Who,
  id: string,
  unknown: string,
): Prediction | undefined {
  const owner = whose(world, who, id);
  if (owner === "own") return undefined;
  return owner === "none" ? problem(404, unknown) : problem(403, "FORBIDDEN");
}

export function printOf({ does, id, body }: Asked): string {
  return JSON.stringify([does, id, body]);
}

/** What is answered before anything else is looked at: no such merchant, a replay, a key used twice. */
export function recall(world: World, asked: Asked): Prediction | undefined {
  const { merchantId } = asked.body as { merchantId: string };
  const refused = notOwn(world, asked.who, merchantId, "UNKNOWN_MERCHANT");
  if (refused || asked.does === "quote") return refused;
  const stored = world.asks.find((one) => one.merchantId === merchantId && one.key === asked.key);
  if (!stored) return undefined;
  if (stored.print !== printOf(asked)) return problem(409, "KEY_REUSED");
  const body = stored.text.replace(/"replayed":false}$/, '"replayed":true}');
  return { status: stored.granted ? 201 : 200, body, replayed: true };
}

export type Decline = { readonly failureCode: string; readonly reason: string } & Fields;

/** How every answer on record ends. */
export const ending = { attempts: anyCount, replayed: false };

export function declined(world: World, asked: Asked, decline: Decline): Prediction {
  const body = {
    outcome: "DECLINED",
    intentId: newId(world),
    ...decline,
    detail: anyText,
    ...ending,
  };
  return {
    status: 200,
    body,
    replayed: false,
    learn: (reply) => store(world, asked, reply, false),
  };
}

/** No id is given twice. */
export const newId =
  ({ asks }: World) =>
  (value: unknown): boolean =>
    anyId(value) && !asks.some(({ id }) => id === value);

export function store(world: World, asked: Asked, { body, text }: Reply, granted: boolean): void {
  const { merchantId, mandateId, itemId } = asked.body as Record<string, string | undefined>;
  world.asks.push({
    id: body.intentId as string,
    does: asked.does,
    merchantId: merchantId ?? "",
    key: asked.key ?? "",
    print: printOf(asked),
    granted,
    text,
    ...(mandateId !== undefined && { mandateId }),
    ...(itemId !== undefined && { itemId }),
  });
  if (granted) world.rows.events++;
}
