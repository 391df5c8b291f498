import type { Request } from "express";
import { Problem } from "./problem.ts";
import type { ProblemCode } from "./problem-codes.ts";
import { uuid } from "./shapes.ts";

/** The id in the path. What cannot be an id is as unknown as one that is nobody's. */
export function readPathId(req: Request, unknown: ProblemCode): string {
  const id = uuid.safeParse(req.params.id);
  if (!id.success) throw new Problem(unknown);
  return id.data;
}
