import type { CommandResult, RefusalCode } from "../kernel/gate.ts";
import type { ProblemCode } from "./problem-codes.ts";
import { Problem } from "./problem.ts";
import { retryAfter } from "./send-answer.ts";

const codes: Readonly<Record<RefusalCode, ProblemCode>> = {
  UNKNOWN_ITEM: "UNKNOWN_ITEM",
  UNKNOWN_MANDATE: "UNKNOWN_MANDATE",
  FORBIDDEN: "FORBIDDEN",
  INVALID_COMMAND: "VALIDATION_FAILED",
  NOT_ENOUGH_STOCK: "NOT_ENOUGH_STOCK",
  CAP_BELOW_SPENT: "CAP_BELOW_SPENT",
  REVOKED: "MANDATE_REVOKED",
  BUSY: "BUSY",
};

/** A command that was refused changed nothing: the caller hears why. */
export function throwRefusal(result: CommandResult): void {
  if (result.kind === "done") return;
  const headers = result.code === "BUSY" ? retryAfter(2) : [];
  throw new Problem(codes[result.code], result.says, { headers });
}
