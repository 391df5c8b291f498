import type { Response } from "express";
import { crashPoint } from "../base/crash-points.ts";
import type { Answer, RejectCode } from "../kernel/types.ts";
import { Problem } from "./problem.ts";
import type { ProblemCode } from "./problem-codes.ts";
import { sendJson } from "./send.ts";

/** The kernel's words in the public API's: the stored text goes out as it is, byte for byte. */
export function sendAnswer(res: Response, answer: Answer): void {
  const { status, text, replayed } = replyOf(answer);
  crashPoint("reply.before");
  sendJson(res, status, text, ["Idempotent-Replayed", String(replayed)]);
  crashPoint("reply.after");
}

export interface AnswerReply {
  readonly status: 200 | 201;
  readonly text: string;
  readonly replayed: boolean;
}

/** What is on no record is thrown as a Problem. */
export function replyOf(answer: Answer): AnswerReply {
  switch (answer.kind) {
    case "granted":
    case "declined": {
      const { kind, text, replayed } = answer;
      return { status: kind === "granted" ? 201 : 200, text, replayed };
    }
    case "rejected":
      throw new Problem(problemOf(answer.code), answer.says);
    case "conflict":
      throw new Problem("KEY_REUSED");
    case "exhausted":
      throw comeBack("RETRY_EXHAUSTED");
    case "overloaded":
      throw comeBack("OVERLOADED");
    case "unknown":
      throw comeBack("OUTCOME_UNKNOWN");
  }
}

/** What the same request may be sent again for, a second later. */
export function comeBack(code: ProblemCode): Problem {
  return new Problem(code, undefined, { headers: retryAfter(1) });
}

export function retryAfter(seconds: number): readonly string[] {
  return ["Retry-After", String(Math.max(1, Math.ceil(seconds)))];
}

/** The codes are the same words; a code that is added to one list must be added to the other. */
const problemOf = (code: RejectCode): ProblemCode => code;
