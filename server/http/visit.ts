import { randomUUID } from "node:crypto";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { Context } from "../context.ts";
import { hostGuard } from "./allowed-host.ts";
import { addressReader } from "./client-address.ts";
import { Problem } from "./problem.ts";

/** One request, from its headers to the end of its answer. */
export interface Visit {
  readonly requestId: string;
  /** The address of the client, by what trusted proxies say of it. */
  readonly ip: string;
  readonly startedAt: number;
  /** The template, never the path: a path would make a time series per id. */
  route: string;
  /** What the answer says of the limits that the request counted against; flat, as all headers. */
  rateFields: readonly string[];
  /** Of the problem that is answered. */
  code: string | null;
  /** Whether the answer was there before, where that can be. */
  replayed: boolean | null;
  /** The id of what it is about: that of its path, or of what it made. */
  subjectId: string | null;
}

export function visitOf(res: Response): Visit {
  return res.locals.visit as Visit;
}

/** The first handler of all: what comes after it may count on a visit and on single headers. */
export function enter({
  metrics,
  log,
  config,
}: Pick<Context, "metrics" | "log" | "config">): RequestHandler {
  const addressOf = addressReader(config.trustedProxies);
  const isAllowed = hostGuard(config);
  const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
  return (req: Request, res: Response, next: NextFunction): void => {
    const visit: Visit = {
      requestId: randomUUID(),
      ip: addressOf(req),
      startedAt: performance.now(),
      route: "unmatched",
      rateFields: [],
      code: null,
      replayed: null,
      subjectId: null,
    };
    res.locals.visit = visit;
    res.once("close", () => {
      const { route, requestId, startedAt } = visit;
      const ms = performance.now() - startedAt;
      const method = methods.has(req.method) ? req.method : "other";
      const status_class = res.headersSent ? `${Math.floor(res.statusCode / 100)}xx` : "aborted";
      metrics.httpSeconds.observe({ method, route, status_class }, ms / 1000);
      if (log.isLevelEnabled("debug")) {
        log.debug({ requestId, method, route, status: res.statusCode, ms }, "answered");
      }
    });
    check(req);
    if (!isAllowed(req.headers.host, req.url)) throw new Problem("HOST_NOT_ALLOWED");
    next();
  };
}

/** Beyond this Node.js would be asked to keep what no honest client sends. */
const fieldsMax = 1_000;
const once = new Set(["authorization", "idempotency-key", "content-type", "host"]);
const lengths = new Set([...once].map(({ length }) => length));

function check(req: Request): void {
  const { rawHeaders } = req;
  if (rawHeaders.length > 2 * fieldsMax) throw new Problem("HEADERS_TOO_LARGE");
  let seen: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at] as string;
    if (!lengths.has(raw.length)) continue;
    const name = raw.toLowerCase();
    if (!once.has(name)) continue;
    if (seen?.includes(` ${name}`)) {
      throw new Problem("DUPLICATE_HEADER", `The header ${name} stands more than once.`);
    }
    seen = `${seen ?? ""} ${name}`;
  }
  if (req.headers.host === undefined && req.httpVersion === "1.1") {
    throw new Problem("MALFORMED_REQUEST", "The header host is missing.");
  }
  const { expect } = req.headers;
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") {
    throw new Problem("EXPECTATION_FAILED");
  }
  if (req.url.includes("%") && !isDecodable(req.url)) {
    throw new Problem("MALFORMED_REQUEST", "The path is not percent-encoded UTF-8.");
  }
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}
