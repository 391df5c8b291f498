import type { Response } from "express";
import type { NewEntry } from "../audit/entry.ts";
import { visitOf } from "../http/visit.ts";
import { callerOf } from "./require-caller.ts";

/** An entry of the audit log for what the caller of this request does. */
export function entryBy(
  res: Response,
  what: Pick<NewEntry, "action" | "object" | "before" | "after" | "reason">,
): NewEntry {
  const { tenantId, actor } = callerOf(res);
  const { requestId, ip } = visitOf(res);
  return { tenantId, actor, ip, requestId, ...what };
}
