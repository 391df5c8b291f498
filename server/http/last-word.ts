import type { ErrorRequestHandler } from "express";
import type { Log } from "../base/log.ts";
import { DoubtError, ExhaustedError } from "../db/faults.ts";
import { ClientGone } from "./body.ts";
import { problemHtml, wantsPage } from "./problem-html.ts";
import { Problem } from "./problem.ts";
import { comeBack } from "./send-answer.ts";
import { sendPage, sendProblem } from "./send.ts";
import { visitOf } from "./visit.ts";

/** Whatever was thrown becomes an answer. What is no Problem is a bug: logged, and told without details. */
export function lastWord(log: Log): ErrorRequestHandler {
  // Express tells this kind of handler from others by its four parameters.
  return (error: unknown, req, res, _next): void => {
    const { requestId, route } = visitOf(res);
    if (error instanceof ClientGone || res.destroyed) {
      res.destroy();
      return;
    }
    if (res.headersSent) {
      log.error({ requestId, route, err: error }, "failed after its answer had begun");
      res.destroy();
      return;
    }
    const problem = problemOfError(log, { requestId, route }, error);
    if (!wantsPage(req)) return sendProblem(res, problem);
    visitOf(res).code = problem.code;
    sendPage(res, problemHtml(problem, requestId), problem.status, problem.headers);
  };
}

export function problemOfError(
  log: Log,
  { requestId, route }: { readonly requestId: string; readonly route: string },
  error: unknown,
): Problem {
  if (error instanceof Problem) return error;
  // A database that is away, or torn between too many, is no bug and may be back in a moment.
  if (error instanceof ExhaustedError) return comeBack("RETRY_EXHAUSTED");
  if (error instanceof DoubtError) return comeBack("OUTCOME_UNKNOWN");
  log.error({ requestId, route, err: error }, "failed");
  return new Problem("INTERNAL_ERROR");
}
