import type { IncomingMessage } from "node:http";
import { Problem } from "../http/problem.ts";

const safe = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a browser sends this on behalf of another site. Every current browser says so in
 * Sec-Fetch-Site; an older one sends the Origin, which must be this very host. What sends neither is
 * no browser, and has no cookie that somebody else could make it send.
 */
export function isCrossSite({ method = "", headers }: Pick<IncomingMessage, "method" | "headers">) {
  if (safe.has(method)) return false;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const { origin, host } = headers;
  if (origin === undefined) return false;
  const from = URL.parse(origin);
  return from === null || host === undefined || from.host !== host.toLowerCase();
}

export function refuseCrossSite(req: Pick<IncomingMessage, "method" | "headers">): void {
  if (isCrossSite(req)) throw new Problem("CROSS_SITE_REQUEST");
}
