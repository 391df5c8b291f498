import type { Request } from "express";
import type { z } from "zod";
import { faultsOf } from "./body.ts";
import { Problem, type Fault } from "./problem.ts";

/**
 * The parameters after the question mark, each once. `names` are all that there may be: a misspelt
 * filter that is ignored would show somebody everything.
 */
export function readQuery<Name extends string>(
  req: Request,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const at = req.url.indexOf("?");
  const found: Partial<Record<string, string>> = {};
  if (at === -1) return found as Partial<Record<Name, string>>;
  const errors: Fault[] = [];
  const fault = (name: string, detail: string): void => {
    errors.push({ pointer: name.slice(0, 100), code: "UNKNOWN_PARAMETER", detail });
  };
  for (const [name, value] of new URLSearchParams(req.url.slice(at + 1))) {
    if (!(names as readonly string[]).includes(name))
      fault(name, "is not a parameter of this path");
    else if (Object.hasOwn(found, name)) fault(name, "stands more than once");
    else found[name] = value;
  }
  if (errors.length > 0) throw new Problem("UNKNOWN_PARAMETER", undefined, { errors });
  return found as Partial<Record<Name, string>>;
}

/** The same by a schema: its fields are the parameters, and all values that do not fit are told. */
export function readQueryBy<Shape extends z.ZodObject>(req: Request, schema: Shape) {
  const read = schema.safeParse(readQuery(req, Object.keys(schema.shape)));
  if (read.success) return read.data;
  // A parameter is named as it is, not by a pointer.
  const faults = faultsOf(read.error);
  const errors = faults.map((fault) => ({ ...fault, pointer: fault.pointer.slice(1) }));
  const detail = errors.map((fault) => `${fault.pointer} ${fault.detail}.`).join(" ");
  throw new Problem("VALIDATION_FAILED", detail, { errors });
}
