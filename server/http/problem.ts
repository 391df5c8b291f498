import { withoutSecrets } from "../base/log.ts";
import { problemKinds, type ProblemCode } from "./problem-codes.ts";

/** What is wrong in one place of a request: an RFC 6901 pointer into the body, or a parameter's name. */
export interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

interface More {
  readonly errors?: readonly Fault[];
  /** Headers of the answer, flat: name, value, name, value. */
  readonly headers?: readonly string[];
}

/** Thrown by whoever finds that a request cannot be served; the app's last word makes it a response. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: readonly Fault[];
  readonly headers: readonly string[];

  constructor(code: ProblemCode, detail?: string, { errors = [], headers = [] }: More = {}) {
    super(detail ?? problemKinds[code].todo);
    this.code = code;
    this.status = problemKinds[code].status;
    this.errors = errors;
    this.headers = headers;
  }
}

export const problemType = "application/problem+json";

/** RFC 9457, with the members that a program decides by. */
export function problemText({ code, message, errors }: Problem, requestId: string): string {
  const { status, title, retryable = false, inDoubt = false } = problemKinds[code];
  const text = JSON.stringify({
    type: `/problems/${code}`,
    title,
    status,
    detail: message,
    code,
    requestId,
    retryable,
    outcome: inDoubt ? "unknown" : "none",
    ...(errors.length > 0 && { errors }),
  });
  // What was called wrong is named, and may be a secret in the wrong place.
  return withoutSecrets(text);
}
