import type { ProblemView } from "../../../../server/http/wire.ts";
import type { QuoteView } from "../../../../server/purchases/wire.ts";
import { exchange, type Exchange } from "../../api/client.ts";
import { currentMode } from "../../api/mode.ts";
import { Problem } from "../../api/problem.ts";
import type { Ask } from "./search.ts";
import type { Call } from "./snippets.ts";

/** An ask that was sent: how things stood just before, and what came back. */
export interface Sent {
  readonly ask: Ask;
  readonly key: string;
  readonly before: Exchange;
  readonly answer: Exchange;
}

export function commitCall(ask: Ask, key: string): Call {
  return { method: "POST", path: "/v1/purchases/commit", body: ask, idempotencyKey: key };
}

export function isCommit({ path }: Call): boolean {
  return path === "/v1/purchases/commit";
}

/** Whoever switches to live data in the midst of it buys and makes nothing there. */
export function checkIsTest(): void {
  if (currentMode() !== "test") throw new Error("The playground works on test data only.");
}

export async function send({ method, path, body, idempotencyKey }: Call): Promise<Exchange> {
  checkIsTest();
  return exchange(method, path, {
    ...(body !== undefined && { body }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });
}

/** What a commit would be answered now, and every constraint of it. */
export async function quote(ask: Ask, signal?: AbortSignal): Promise<Exchange> {
  checkIsTest();
  const body = { ...ask, explain: true };
  return exchange("POST", "/v1/purchases/quote", { body, signal });
}

/** First how things stand, then the ask itself: the stack shows both. */
export async function sendAsk(ask: Ask, key: string): Promise<Sent> {
  const before = await quote(ask);
  return { ask, key, before, answer: await send(commitCall(ask, key)) };
}

/** The answer on record, as far as this page reads it. */
export interface Answer {
  readonly outcome: string;
  readonly reason?: NonNullable<QuoteView["constraints"]>[number]["reason"] | "HOLD_EXPIRED";
  readonly detail?: string;
  readonly period?: "day" | "week" | "month";
  readonly limit?: number;
  readonly used?: number;
  readonly asked?: number;
  readonly resetsAt?: string;
  readonly expiresAt?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly replayed?: boolean;
}

export function answerOf({ status, text }: Exchange): Answer | undefined {
  return status < 300 ? read<Answer>(text) : undefined;
}

export function quoteOf({ status, text }: Exchange): QuoteView | undefined {
  return status < 300 ? read<QuoteView>(text) : undefined;
}

/** Where it is no answer: what the server finds wrong with the request. */
export function problemOf({ status, text }: Exchange): Problem | undefined {
  if (status < 300) return undefined;
  return new Problem(
    read<ProblemView>(text) ?? { status, detail: `The server answered ${status}.` },
  );
}

function read<View>(text: string): View | undefined {
  try {
    return JSON.parse(text) as View;
  } catch {
    return undefined;
  }
}
