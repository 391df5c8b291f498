import { buy } from "./buying.ts";
import { refusedAtDoor, refusedBody } from "./door.ts";
import { faultOf } from "./expect.ts";
import { list, lookUp, readAsk, readThing } from "./reading.ts";
import * as request from "./request.ts";
import type { Asked, Prediction, Reply, Rule } from "./request.ts";
import { settle } from "./settling.ts";
import { newItem, newMandate, newMerchant, onItem, onMandate } from "./things.ts";
import type { World } from "./world.ts";

function ruleOf({ does }: Asked): Rule {
  if (does === "commit" || does === "hold" || does === "quote") return buy;
  if (request.isOneOf(request.askVerbs, does)) return settle;
  if (request.isOneOf(request.itemVerbs, does)) return onItem;
  if (request.isOneOf(request.mandateVerbs, does)) return onMandate;
  if (request.isOneOf(request.listVerbs, does)) return list;
  const others: Partial<Record<typeof does, Rule>> = {
    newMerchant,
    newItem,
    newMandate,
    readAsk,
    lookUp,
  };
  return others[does] ?? readThing;
}

/** One request and what came back; an ask of a list has an answer of its own. */
export interface Exchange {
  readonly asked: Asked;
  readonly reply: Reply;
  readonly inList?: true;
}

function predict(world: World, { asked, inList }: Exchange, alone: boolean): Prediction {
  const refused = inList ? refusedBody(asked) : refusedAtDoor(asked);
  return refused ?? ruleOf(asked)(world, asked, alone);
}

/** The worlds that may be; a fault when none may. */
export type Verdict = { readonly worlds: readonly World[] } | { readonly fault: string };

/**
 * What may be so after these requests, which were on their way at the same time: every order of
 * them that explains all answers leaves a world, and they may differ in what no answer has told yet.
 */
export function judge(before: readonly World[], sent: readonly Exchange[]): Verdict {
  const all: Exchange[] = [];
  for (const exchange of sent) {
    const parts = partsOf(exchange);
    if (typeof parts === "string") return { fault: parts };
    all.push(...parts);
  }
  const alone = all.length === 1;
  const after = new Map<string, World>();
  const faults: string[] = [];
  for (const world of before) explain(world, all, { alone, after, faults });
  if (after.size > 0) return { worlds: [...after.values()] };
  return { fault: `${alone ? "" : "no order explains it, for one "}${faults.at(-1)}` };
}

interface Found {
  readonly alone: boolean;
  readonly after: Map<string, World>;
  readonly faults: string[];
}

function explain(world: World, left: readonly Exchange[], found: Found): void {
  if (left.length === 0) found.after.set(nameOf(world), world);
  for (const first of left) {
    const next = structuredClone(world);
    const wanted = predict(next, first, found.alone);
    const wrong = faultOf(wanted, first.reply);
    if (wrong !== undefined) {
      found.faults.push(`${first.asked.does}: ${wrong}`);
      continue;
    }
    wanted.learn?.(first.reply);
    const others = left.filter((one) => one !== first);
    explain(next, others, found);
  }
}

/** Worlds in which the same is so have one name, in whatever order it became so. */
function nameOf({ purchases, asks, recent, ...rest }: World): string {
  const sorted = [purchases, asks, recent].map((all) =>
    all.map((one) => JSON.stringify(one)).sort(),
  );
  return JSON.stringify([rest, sorted]);
}

function partsOf(exchange: Exchange): Exchange[] | string {
  const { asked, reply } = exchange;
  if (asked.does !== "many") return [exchange];
  const refused = refusedAtDoor(asked);
  if (refused) {
    const wrong = faultOf(refused, reply);
    return wrong === undefined ? [] : `many: ${wrong}`;
  }
  const { asks = [], who } = asked;
  const answers = (reply.body["answers"] ?? []) as { status: number; body: request.Fields }[];
  if (reply.status !== 200 || answers.length !== asks.length) return `many: ${reply.text}`;
  return answers.map(({ status, body }, index) => {
    const ask = asks[index] as Asked;
    // What was answered is written without a space: it is the same text again.
    const own = { status, body, text: JSON.stringify(body), replayed: String(body["replayed"]) };
    return { asked: { ...ask, who }, reply: own, inList: true };
  });
}
