import { randomUUID } from "node:crypto";
import type { Context } from "../context.ts";
import { committed, declined } from "../http/answer-views.ts";
import { readBody } from "../http/body.ts";
import { documentOf, sendDocument } from "../http/document.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { ofAsk } from "../http/openapi-problems.ts";
import { Problem } from "../http/problem.ts";
import { readQuery } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { sendAnswer } from "../http/send-answer.ts";
import type { Answer } from "../kernel/types.ts";
import { CurrentSandbox } from "./current.ts";
import { isAnswered, SandboxQuota } from "./quota.ts";
import { isSandboxOn } from "./world.ts";
import { sandboxPage } from "./page.ts";
import { sandboxCommitBody, sandboxView, viewOfSandbox } from "./wire.ts";

export function sandboxRoutes(ctx: Context): readonly Route[] {
  if (!isSandboxOn(ctx.config)) return [closedPage];
  const { sandboxUnits, sandboxQuota } = ctx.config;
  const current = new CurrentSandbox(ctx.db, sandboxUnits);
  const quota = new SandboxQuota(ctx.db, sandboxQuota);
  return [
    openPage,
    {
      method: "get",
      path: "/v1/sandbox",
      needs: "nothing",
      about: {
        summary: "Get the sandbox",
        says:
          "What it sells, how much is left, since when, and until when: then a world with full stock takes its place, in " +
          "which keys of the old one are free again. Where it is switched off: 404 `NOT_FOUND`.",
        answers: { 200: sandboxView },
        problems: ["NOT_FOUND"],
      },
      async handle(req, res) {
        readQuery(req, []);
        const world = await current.world();
        const view = viewOfSandbox(world, await current.stock(world), ctx.config);
        sendJson(res, 200, JSON.stringify(view));
      },
    },
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
        problems: [...ofAsk, "NOT_FOUND", "SANDBOX_FULL"],
      },
      async handle(req, res) {
        readQuery(req, []);
        const key = readIdempotencyKey(req) ?? randomUUID();
        const { quantity } = await readBody(req, res, sandboxCommitBody);
        sendAnswer(res, await buy(ctx, { current, quota }, key, BigInt(quantity)));
      },
    },
  ];
}

const aboutPage = {
  summary: "Get the sandbox page",
  answers: { 200: "text/html" },
  problems: ["NOT_FOUND"],
} as const;
const page = { method: "get", path: "/sandbox", needs: "nothing", about: aboutPage } as const;
const document = documentOf(sandboxPage());
const openPage: Route = { ...page, handle: (_req, res) => sendDocument(res, document) };
const closedPage: Route = {
  ...page,
  handle() {
    const detail =
      "The sandbox is switched off on this server: ZERORACE_SANDBOX=on switches it on.";
    throw new Problem("NOT_FOUND", detail);
  },
};

interface Sandbox {
  readonly current: CurrentSandbox;
  readonly quota: SandboxQuota;
}

async function buy(
  { kernel, db }: Context,
  { current, quota }: Sandbox,
  key: string,
  quantity: bigint,
): Promise<Answer> {
  const world = await current.world();
  if ((await quota.isFull(world)) && !(await isAnswered(db, world, key))) {
    throw new Problem("SANDBOX_FULL");
  }
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
  if ("replayed" in answer && !answer.replayed) await quota.added(world);
  // This answer stands, as every decline does; the next one finds a full shelf.
  if (answer.kind === "declined" && quantity === 1n && !answer.replayed) {
    await current.restock(world);
  }
  return answer;
}
