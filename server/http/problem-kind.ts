/** A way in which this API says no: a row of one of the tables that problem-codes.ts puts together. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly todo: string;
  /** Sending the very same request again may succeed. */
  readonly retryable?: true;
  /** The request may have had its effect. */
  readonly inDoubt?: true;
}

export function row(
  status: number,
  title: string,
  todo: string,
  more: Pick<ProblemKind, "retryable" | "inDoubt"> = {},
): ProblemKind {
  return { status, title, todo, ...more };
}
