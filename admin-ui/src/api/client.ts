import { noAnswer, Problem, problemIn } from "./problem.ts";
import { refreshSession } from "./refresh-session.ts";
import { currentTenant, type SessionView } from "./session.ts";
import { askToSignIn } from "./sign-in-again.ts";

interface Sending {
  readonly body?: unknown;
  /** In place of a body: a file, or a piece of one. */
  readonly file?: Blob;
  /** What is undefined or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** For what creates or sells: `newKey()`, drawn when the form opens and kept while it is sent again. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal | undefined;
  /** A 401 is told to whoever calls, and not met with the dialog: for the ways in. */
  readonly isWayIn?: boolean;
}

export type Method = "GET" | "POST" | "DELETE";

export function get<View>(path: string, sending: Omit<Sending, "body"> = {}): Promise<View> {
  return call<View>("GET", path, sending);
}

export function post<View>(path: string, body: unknown, sending: Sending = {}): Promise<View> {
  return call<View>("POST", path, { ...sending, body });
}

/** The whole of a file, or a piece of one, under the type that it has. */
export function postFile<View>(path: string, file: Blob, sending: Sending = {}): Promise<View> {
  return call<View>("POST", path, { ...sending, file });
}

export function del<View>(path: string, sending: Sending = {}): Promise<View> {
  return call<View>("DELETE", path, sending);
}

export function newKey(): string {
  // randomUUID is for secure contexts only, and a first install may be reached by plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `ui-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** A wrong password is answered 401 as well: that is no session that has ended. */
const overCodes = new Set<Problem["code"]>(["SESSION_OVER", "AUTHENTICATION_REQUIRED"]);

/** What is no JSON: an export, as it comes in. */
export async function getFile(
  path: string,
  sending: Omit<Sending, "body"> = {},
): Promise<Response> {
  const response = await answered("GET", path, sending);
  if (!response.ok) throw await problemIn(response);
  return response;
}

async function call<View>(method: Method, path: string, sending: Sending): Promise<View> {
  const response = await answered(method, path, sending);
  if (!response.ok) throw await problemIn(response);
  return (await response.json()) as View;
}

/** What came back to a request, whatever it was, to the byte, and how long it took. */
export interface Exchange {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

/** For what shows the answer as it is: a refusal is an answer, too. Throws where there is none. */
export async function exchange(
  method: Method,
  path: string,
  sending: Sending = {},
): Promise<Exchange> {
  const startedAt = performance.now();
  const response = await answered(method, path, sending);
  const text = await response.text();
  return { status: response.status, text, ms: performance.now() - startedAt };
}

async function answered(method: Method, path: string, sending: Sending): Promise<Response> {
  const response = await send(method, path, sending);
  if (response.status === 403) await seeSuspension(response.clone());
  if (response.status !== 401 || sending.isWayIn === true) return response;
  if (!overCodes.has((await problemIn(response.clone())).code)) return response;
  // The very same request: same body, same key. What was typed is still in the form.
  return (await askToSignIn()) ? answered(method, path, sending) : response;
}

/** It was suspended while this page was open: then every screen gives way to why. */
async function seeSuspension(response: Response): Promise<void> {
  if ((await problemIn(response)).code === "ORGANISATION_SUSPENDED") await readSessionAgain();
}

/** Who has no session any more is asked to sign in again. */
export async function readSessionAgain(): Promise<void> {
  await refreshSession(() => get<SessionView>("/v1/session"));
}

async function send(method: Method, path: string, sending: Sending): Promise<Response> {
  const tenant = currentTenant();
  const { body, file, idempotencyKey, signal } = sending;
  try {
    return await fetch(urlOf(path, sending.query), {
      method,
      credentials: "same-origin",
      signal: signal ?? null,
      headers: {
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(file && { "Content-Type": file.type }),
        ...(idempotencyKey !== undefined && { "Idempotency-Key": idempotencyKey }),
        ...(tenant !== undefined && { "ZeroRace-Tenant": tenant }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(file && { body: file }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw noAnswer();
  }
}

export function urlOf(path: string, query: Sending["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** For queries: what the same request cannot mend is not sent again. */
export function isWorthRetrying(failures: number, error: Error): boolean {
  if (failures >= 2) return false;
  return error instanceof Problem && error.retryable && error.status !== 429;
}
