import { sentences } from "./reasons.ts";
import type { Decline } from "./types.ts";

/**
 * The stored answers, as the public API sends them: text, made once, because a replay must give the
 * same bytes for ever. `replayed` comes last, so that a replay differs in nothing else. Ids are
 * uuids, currencies three capitals and sentences our own: nothing in here needs escaping.
 */

export interface Granted {
  readonly outcome: "COMMITTED" | "HELD" | "CAPTURED" | "EXTENDED" | "RELEASED" | "REFUNDED";
  readonly intentId: string;
  /** The purchase that the ask was about, when it is not the ask's own. */
  readonly purchaseId?: string;
  readonly ledgerTxnId?: string;
  readonly chosenBucketId?: string;
  readonly expiresAtMs?: number;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly attempts: number;
}

const fresh = ',"replayed":false}';
const again = ',"replayed":true}';

export function grantedText(answer: Granted): string {
  let text = `{"outcome":"${answer.outcome}","intentId":"${answer.intentId}"`;
  if (answer.purchaseId !== undefined) text += `,"purchaseId":"${answer.purchaseId}"`;
  if (answer.ledgerTxnId !== undefined) text += `,"ledgerTxnId":"${answer.ledgerTxnId}"`;
  if (answer.chosenBucketId !== undefined) text += `,"chosenBucketId":"${answer.chosenBucketId}"`;
  if (answer.expiresAtMs !== undefined) text += `,"expiresAt":"${iso(answer.expiresAtMs)}"`;
  text += `,"amountMinor":${answer.amountMinor},"currency":"${answer.currency}"`;
  return `${text},"attempts":${answer.attempts}${fresh}`;
}

export function declinedText(intentId: string, decline: Decline, attempts: number): string {
  let text = `{"outcome":"DECLINED","intentId":"${intentId}"`;
  text += `,"failureCode":"${decline.failureCode}","reason":"${decline.reason}"`;
  text += `,"detail":"${sentences[decline.reason]}"`;
  if (decline.period !== undefined) text += `,"period":"${decline.period}"`;
  if (decline.limit !== undefined) text += `,"limit":${decline.limit}`;
  if (decline.used !== undefined) text += `,"used":${decline.used}`;
  if (decline.asked !== undefined) text += `,"asked":${decline.asked}`;
  if (decline.resetsAtMs !== undefined) text += `,"resetsAt":"${iso(decline.resetsAtMs)}"`;
  return `${text},"attempts":${attempts}${fresh}`;
}

/** The stored answer, byte for byte but for `replayed`. */
export function replayedText(stored: string): string {
  return stored.endsWith(fresh) ? stored.slice(0, -fresh.length) + again : stored;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
