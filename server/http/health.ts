import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Context } from "../context.ts";
import { reasonAgainst } from "../db/ready.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { sendJson } from "./send.ts";

const status = z
  .object({ status: z.literal("ok") })
  .meta({ id: "Status", description: "All is well." });

const deadlineMs = 1_000;

/** `/livez` says that the event loop turns, and asks nobody. `/readyz` says that a sale would go through. */
export function healthRoutes(ctx: Pick<Context, "door" | "log">): readonly Route[] {
  let underWay: Promise<string | undefined> | undefined;
  const ready = (): Promise<string | undefined> => {
    // However many ask at once, the database is asked once.
    underWay ??= reasonNotReady(ctx).finally(() => (underWay = undefined));
    return underWay;
  };
  return [
    {
      method: "get",
      path: "/livez",
      needs: "nothing",
      about: {
        summary: "Check that it lives",
        says: "The process turns; it asks nobody else.",
        answers: { 200: status },
      },
      limit: "none",
      handle: (_req, res) => sendJson(res, 200, '{"status":"ok"}'),
    },
    {
      method: "get",
      path: "/readyz",
      needs: "nothing",
      about: {
        summary: "Check that it is ready",
        says: "A purchase would go through now.",
        answers: { 200: status },
        problems: ["NOT_READY"],
      },
      limit: "none",
      async handle(_req, res) {
        const draining = res.app.locals.draining === true;
        const reason = draining ? "This server is being stopped." : await ready();
        if (reason !== undefined) throw new Problem("NOT_READY", reason);
        sendJson(res, 200, '{"status":"ok"}');
      },
    },
  ];
}

async function reasonNotReady(ctx: Pick<Context, "door" | "log">): Promise<string | undefined> {
  const late = new AbortController();
  try {
    // A new connection may take longer than this to be given up.
    return await Promise.race([
      reasonAgainst(ctx.door, deadlineMs),
      sleep(deadlineMs, "The database does not answer within a second.", { signal: late.signal }),
    ]);
  } catch (error) {
    ctx.log.warn({ err: error }, "not ready");
    return "The database cannot be reached.";
  } finally {
    late.abort();
  }
}
