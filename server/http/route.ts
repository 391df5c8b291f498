import type { Request, Response } from "express";
import type { Scope } from "../auth/scopes.ts";

/** One line of the table of routes: who may call it is part of it, and cannot be forgotten. */
export interface Route {
  readonly method: "get" | "post";
  /** As Express has it: `/v1/purchases/:id`. */
  readonly path: string;
  /** The scope that a key must have. */
  readonly needs: Scope | "nothing";
  readonly handle: (req: Request, res: Response) => Promise<void> | void;
}
