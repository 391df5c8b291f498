import type { Request, Response } from "express";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { buyingOf, readAsk, readAskOnPurchase } from "../http/asks.ts";
import type { About, Route } from "../http/route.ts";
import { sendAnswer } from "../http/send-answer.ts";
import * as about from "./about.ts";
import { captureBody, extendBody, holdBody, releaseBody } from "./wire.ts";

export function holdRoutes(ctx: Context): readonly Route[] {
  const post = (
    path: string,
    says: About,
    handle: (ctx: Context, req: Request, res: Response) => Promise<void>,
  ): Route => ({
    method: "post",
    path,
    needs: "purchases:write",
    about: says,
    handle: (req, res) => handle(ctx, req, res),
  });
  return [
    post("/v1/holds", about.aboutHold, hold),
    post("/v1/holds/:id/capture", about.aboutCapture, capture),
    post("/v1/holds/:id/extend", about.aboutExtend, extend),
    post("/v1/holds/:id/release", about.aboutRelease, release),
  ];
}

async function hold({ kernel }: Context, req: Request, res: Response): Promise<void> {
  const { body, key } = await readAsk(req, res, holdBody);
  const { holdSeconds } = body;
  const buying = buyingOf(callerOf(res), body);
  sendAnswer(res, await kernel.ask({ kind: "hold", ...buying, holdSeconds, key }));
}

async function capture(ctx: Context, req: Request, res: Response): Promise<void> {
  const { body, about } = await readAskOnPurchase(ctx, req, res, captureBody);
  const part = body.quantity === undefined ? {} : { quantity: BigInt(body.quantity) };
  sendAnswer(res, await ctx.kernel.ask({ kind: "capture", ...about, ...part }));
}

async function extend(ctx: Context, req: Request, res: Response): Promise<void> {
  const { body, about } = await readAskOnPurchase(ctx, req, res, extendBody);
  const { holdSeconds } = body;
  sendAnswer(res, await ctx.kernel.ask({ kind: "extend", ...about, holdSeconds }));
}

async function release(ctx: Context, req: Request, res: Response): Promise<void> {
  const { about } = await readAskOnPurchase(ctx, req, res, releaseBody);
  sendAnswer(res, await ctx.kernel.ask({ kind: "release", ...about }));
}
