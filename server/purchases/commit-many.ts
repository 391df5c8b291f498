import type { Caller } from "../auth/caller.ts";
import type { Context } from "../context.ts";
import { buyingOf } from "../http/asks.ts";
import { valid } from "../http/body.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import type { Json, JsonFault } from "../http/json.ts";
import { problemOfError } from "../http/last-word.ts";
import { Problem, problemText } from "../http/problem.ts";
import { replyOf } from "../http/send-answer.ts";
import type { Visit } from "../http/visit.ts";
import { commitBody, commitManyBody } from "./wire.ts";

export const manyBytesMax = 524_288;

/**
 * The asks in a list, each with the faults of its own text. What is wrong around them, or so wrong
 * that the text was not read to its end, is thrown.
 */
export function splitAsks({ value, faults }: Json): Json[] {
  const own = new Map<number, JsonFault[]>();
  const around: JsonFault[] = [];
  for (const fault of faults) {
    const [, index, pointer] = /^\/asks\/(\d+)(\/.*)?$/s.exec(fault.pointer) ?? [];
    if (index === undefined || fault.code === "TOO_DEEP") around.push(fault);
    else {
      const found = own.get(Number(index)) ?? [];
      own.set(Number(index), [...found, { ...fault, pointer: pointer ?? "" }]);
    }
  }
  const { asks } = valid(commitManyBody, { value, faults: around });
  return asks.map((ask, index) => ({ value: ask, faults: own.get(index) ?? [] }));
}

/** All are asked at once, so that the kernel answers them together; what comes back is in their order. */
export async function answerMany(
  ctx: Context,
  caller: Caller,
  asks: readonly Json[],
  visit: Visit,
): Promise<string> {
  const answers = await Promise.all(asks.map((ask) => answerOne(ctx, caller, ask, visit)));
  return `{"answers":[${answers.join()}]}`;
}

/** What is wrong with one fails that one alone. */
async function answerOne(ctx: Context, caller: Caller, ask: Json, visit: Visit): Promise<string> {
  try {
    const body = valid(commitBody, ask);
    const key = readIdempotencyKey({ headers: {} }, body.idempotencyKey);
    if (key === undefined) {
      throw new Problem("IDEMPOTENCY_KEY_MISSING", "Each ask needs an idempotencyKey of its own.");
    }
    const buying = buyingOf(caller, body);
    const { status, text } = replyOf(await ctx.kernel.ask({ kind: "commit", ...buying, key }));
    return `{"status":${status},"body":${text}}`;
  } catch (error) {
    const problem = problemOfError(ctx.log, visit, error);
    return `{"status":${problem.status},"body":${problemText(problem, visit.requestId)}}`;
  }
}
