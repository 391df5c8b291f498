import type { Request, Response } from "express";
import type { z } from "zod";
import type { Scope } from "../auth/scopes.ts";
import type { ProblemCode } from "./problem-codes.ts";

/** One line of the table of routes: who may call it is part of it, and cannot be forgotten. */
export interface Route {
  readonly method: "get" | "post" | "delete";
  /** As Express has it: `/v1/purchases/:id`. */
  readonly path: string;
  /** The scope that the caller must have. */
  readonly needs: Scope | "nothing";
  /**
   * Beyond what every call counts against (its key and tenant, or its address): "sign-in" counts
   * against its address and "new-keys" against its tenant, and both are refused while they cannot be
   * counted in the Redis that there should be. "none": nothing is counted, as for probes.
   */
  readonly limit?: "none" | "sign-in" | "new-keys";
  /** What the reference says of it. */
  readonly about: About;
  readonly handle: (req: Request, res: Response) => Promise<void> | void;
}

/** The lines of one noun, of which to read needs one scope and to write another. */
export function routesUnder(base: string, needs: { readonly read: Scope; readonly write: Scope }) {
  const line =
    (method: Route["method"], scope: Scope) =>
    (path: string, about: About, handle: Route["handle"]): Route => ({
      method,
      path: `${base}${path}`,
      needs: scope,
      about,
      handle,
    });
  return { get: line("get", needs.read), post: line("post", needs.write) };
}

export interface About {
  /**
   * A verb and a thing, as in "Commit a purchase". Its words, without articles, are the operation's
   * name for clients: `commitPurchase`.
   */
  readonly summary: string;
  /** What a caller should know beyond it: a sentence or some, in Markdown. */
  readonly says?: string;
  /** Of what is in the path: an id is a UUID unless it is said here. */
  readonly params?: Readonly<Record<string, z.ZodType>>;
  /** The very schemas that the route reads with. */
  readonly body?: z.ZodType;
  /** The body is not JSON but a file of this type, or a piece of one. */
  readonly file?: { readonly mediaType: string; readonly says: string; readonly example: string };
  readonly query?: z.ZodObject;
  /** Whether the Idempotency-Key header is read, and whether there must be one. */
  readonly key?: "required" | "optional" | "in header or body";
  /** What is answered when all went well, by status; the media type of what is no JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | string>>;
  /** `?format=csv` answers 200 with the same as a file. */
  readonly csv?: true;
  /** Besides what every route, every guarded route and every body may be refused for. */
  readonly problems?: readonly ProblemCode[];
}
