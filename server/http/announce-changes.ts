import type { RequestHandler } from "express";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import type { Route } from "./route.ts";

/** Sales are told of by the kernel's process; what else changes a thing comes through its own routes. */
const toldHere = /^\/v1\/(items|mandates|merchants|keys|webhooks|imports)(?:\/|$)/;

/** Tells those who watch that a route changed something, when it has answered so. */
export function announceChanges(
  { live }: Pick<Context, "live">,
  { method, path }: Route,
): RequestHandler[] {
  const topic = toldHere.exec(path)?.[1];
  if (method === "get" || topic === undefined) return [];
  return [
    (req, res, next) => {
      const id = nameIn(topic, req.params.id?.toString());
      res.once("finish", () => {
        if (res.statusCode < 300) live.change(callerOf(res).tenantId, topic, id);
      });
      next();
    },
  ];
}

/** The id of a key is no UUID: there, capitals make a difference. */
function nameIn(topic: string, id: string | undefined): string | undefined {
  return topic === "keys" ? id : id?.toLowerCase();
}
