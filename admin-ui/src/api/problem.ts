import type { ProblemView } from "../../../server/http/wire.ts";

type ProblemCode = ProblemView["code"];

/** What never reached the server, or came back as something else than its words. */
type OwnCode = "OFFLINE" | "NO_ANSWER" | "UNREADABLE";

export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

/** Every way in which a request can fail, as screens see it. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode | OwnCode;
  readonly title: string;
  readonly status: number;
  readonly errors: readonly FieldFault[];
  readonly requestId: string | undefined;
  readonly retryable: boolean;
  /** Whether it may have been recorded although it failed: the same key will tell. */
  readonly inDoubt: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(view: Partial<ProblemView> | OwnProblem, retryAfterSeconds?: number) {
    super(view.detail ?? "");
    const { code = "UNREADABLE", title = "Something went wrong", status = 0 } = view;
    this.code = code;
    this.title = title;
    this.status = status;
    this.errors = "errors" in view ? (view.errors ?? []) : [];
    this.requestId = "requestId" in view ? view.requestId : undefined;
    this.retryable = view.retryable ?? false;
    this.inDoubt = "outcome" in view && view.outcome === "unknown";
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The page about the code; what is no problem of the server's has none. */
  get href(): string | undefined {
    return this.status === 0 || this.code === "UNREADABLE" ? undefined : `/problems/${this.code}`;
  }

  /** For a form whose field has another name in the request that was refused. */
  movedTo(pointer: string, from: string): Problem {
    const { code, title, message: detail, status, requestId, retryable } = this;
    const errors = this.errors.map((one) => (one.pointer === from ? { ...one, pointer } : one));
    const view = { code, title, detail, status, requestId, retryable, errors };
    return new Problem(view as ConstructorParameters<typeof Problem>[0], this.retryAfterSeconds);
  }

  /** What is wrong with one field of the form that was sent. */
  faultAt(pointer: string): string | undefined {
    return this.errors.find((fault) => fault.pointer === pointer)?.detail;
  }
}

interface OwnProblem {
  readonly code: OwnCode;
  readonly title: string;
  readonly detail: string;
  readonly status: 0;
  readonly retryable: true;
}

export function noAnswer(): Problem {
  const own = { status: 0, retryable: true } as const;
  if (!navigator.onLine) {
    const detail = "This device has no network. Nothing was sent.";
    return new Problem({ ...own, code: "OFFLINE", title: "You are offline", detail });
  }
  const detail = "Check that the server runs and can be reached from here, then try again.";
  return new Problem({ ...own, code: "NO_ANSWER", title: "The server does not answer", detail });
}

export async function problemIn(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const seconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  const type = response.headers.get("Content-Type") ?? "";
  if (type.startsWith("application/problem+json")) {
    return new Problem((await response.json()) as ProblemView, seconds);
  }
  const detail = `Something between here and the server answered ${response.status}. Try again.`;
  return new Problem({ detail, status: response.status, retryable: true }, seconds);
}

/** For what is caught: everything that is no Problem is a bug of this page. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem({ title: "This page has a fault", detail });
}
