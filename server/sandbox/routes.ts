import { randomUUID } from "node:crypto";
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { RateLimit } from "../http/limit.ts";
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
