import { randomUUID } from "node:crypto";
import type { Context } from "../context.ts";
import { committed, declined } from "../http/answer-views.ts";
import { readBody } from "../http/body.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { RateLimit } from "../http/limit.ts";
import { ofAsk } from "../http/openapi-problems.ts";
import { Problem } from "../http/problem.ts";
import { readQuery } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { retryAfter, sendAnswer } from "../http/send-answer.ts";
import { visitOf } from "../http/visit.ts";
import type { Answer } from "../kernel/types.ts";
import { CurrentSandbox } from "./current.ts";
import { isSandboxOn } from "./world.ts";
import { sandboxCommitBody } from "./wire.ts";

const rate = { perSecond: 10, burst: 50 };

export function sandboxRoutes(ctx: Context): readonly Route[] {
  if (!isSandboxOn(ctx.config)) return [];
  const limit = new RateLimit(rate);
  const current = new CurrentSandbox(ctx.db, ctx.config.sandboxUnits);
  return [
    {
      method: "post",
      path: "/v1/sandbox/commit",
      needs: "nothing",
      about: {
        summary: "Commit a sandbox purchase",
        says:
          "The same kernel as every other purchase, in books of its own, without a key. Send it twice " +
          "with the same Idempotency-Key: the same answer, and nothing is sold twice. Where it is " +
          "switched off: 404 `NOT_FOUND`.",
        body: sandboxCommitBody,
        key: "optional",
        answers: { 201: committed, 200: declined },
        problems: [...ofAsk, "NOT_FOUND", "RATE_LIMITED"],
      },
      async handle(req, res) {
        admit(visitOf(res).ip, limit);
        readQuery(req, []);
        const key = readIdempotencyKey(req) ?? randomUUID();
        const { quantity } = await readBody(req, res, sandboxCommitBody);
        sendAnswer(res, await buy(ctx, current, key, BigInt(quantity)));
      },
    },
  ];
}

function admit(ip: string, limit: RateLimit): void {
  const tooEarlyMs = limit.take(ip, performance.now());
  if (tooEarlyMs === 0) return;
  throw new Problem("RATE_LIMITED", undefined, { headers: retryAfter(tooEarlyMs / 1000) });
}

async function buy(
  { kernel }: Context,
  current: CurrentSandbox,
  key: string,
  quantity: bigint,
): Promise<Answer> {
  const world = await current.world();
  const { tenantId, merchantId, mandateId, itemId, priceMinor, currency } = world;
  const answer = await kernel.ask({
    kind: "commit",
    tenantId,
    merchantId,
    mandateId,
    key,
    agentId: "sandbox",
    lines: [{ itemId, quantity }],
    amountMinor: priceMinor * quantity,
    currency,
  });
  // This answer stands, as every decline does; the next one finds a full shelf.
  if (answer.kind === "declined" && quantity === 1n && !answer.replayed) {
    await current.restock(world);
  }
  return answer;
}
