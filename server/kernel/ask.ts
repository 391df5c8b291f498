import { hash } from "node:crypto";
import type { Ask, Entry } from "./types.ts";

/** Money, units and caps are JSON numbers: beyond this they would not survive the trip. */
export const amountMax = 2n ** 53n - 1n;
export const linesMax = 20;
export const holdSecondsMax = 604_800;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const visibleAscii = /^[\x21-\x7e]{1,255}$/;
// oxlint-disable-next-line no-control-regex -- they are what must not get in
const plainText = /^[^\u0000-\u001f\u007f]{1,255}$/;
const currency = /^[A-Z]{3}$/;

/** What is wrong with the shape of an ask, whatever the facts; undefined when nothing is. */
export function faultOfAsk(ask: Ask): string | undefined {
  if (!uuid.test(ask.tenantId)) return "tenantId must be a lower-case uuid";
  if (!uuid.test(ask.merchantId)) return "merchantId must be a lower-case uuid";
  if (!visibleAscii.test(ask.key))
    return "the idempotency key must be 1 to 255 visible ASCII characters";
  switch (ask.kind) {
    case "commit":
      return faultOfBuying(ask);
    case "hold":
      return faultOfBuying(ask) ?? faultOfHold(ask.holdSeconds);
    case "extend":
      return faultOfSubject(ask.purchaseId) ?? faultOfHold(ask.holdSeconds);
    case "release":
      return faultOfSubject(ask.purchaseId);
    case "capture":
      return faultOfSubject(ask.purchaseId) ?? faultOfAmount("quantity", ask.quantity ?? 1n, 1n);
    case "refund":
      return faultOfSubject(ask.purchaseId) ?? faultOfRefund(ask);
  }
}

function faultOfBuying(ask: Extract<Ask, { mandateId: string }>): string | undefined {
  if (!uuid.test(ask.mandateId)) return "mandateId must be a lower-case uuid";
  if (!isPlain(ask.agentId))
    return "agentId must be 1 to 255 characters without control characters";
  if (!currency.test(ask.currency)) return "currency must be three capital letters";
  if (ask.lines.length < 1 || ask.lines.length > linesMax)
    return `an ask has 1 to ${linesMax} lines`;
  for (const { itemId, quantity } of ask.lines) {
    if (!uuid.test(itemId)) return "itemId must be a lower-case uuid";
    const fault = faultOfAmount("quantity", quantity, 1n);
    if (fault) return fault;
  }
  const charges = ask.charges ?? [];
  if (charges.length > linesMax) return `an ask has at most ${linesMax} charges`;
  for (const { name, amountMinor } of charges) {
    if (!isPlain(name))
      return "a charge's name must be 1 to 255 characters without control characters";
    const fault = faultOfAmount("a charge", amountMinor, -amountMax);
    if (fault) return fault;
  }
  return faultOfAmount("amountMinor", ask.amountMinor, 0n);
}

function faultOfRefund(ask: Extract<Ask, { kind: "refund" }>): string | undefined {
  const { amountMinor, returnQuantity = 0n, line = 0 } = ask;
  if (amountMinor === 0n && returnQuantity === 0n) return "a refund gives back money or units";
  if (!Number.isInteger(line) || line < 0 || line > 2 * linesMax)
    return "line must be a line's number";
  return (
    faultOfAmount("amountMinor", amountMinor, 0n) ??
    faultOfAmount("returnQuantity", returnQuantity, 0n)
  );
}

function faultOfSubject(purchaseId: string): string | undefined {
  return uuid.test(purchaseId) ? undefined : "purchaseId must be a lower-case uuid";
}

function faultOfHold(seconds: number): string | undefined {
  const fine = Number.isInteger(seconds) && seconds >= 1 && seconds <= holdSecondsMax;
  return fine ? undefined : `holdSeconds must be 1 to ${holdSecondsMax}`;
}

function faultOfAmount(name: string, amount: bigint, min: bigint): string | undefined {
  return amount >= min && amount <= amountMax
    ? undefined
    : `${name} must be ${min} to ${amountMax}`;
}

function isPlain(text: string): boolean {
  return plainText.test(text) && text.isWellFormed();
}

/** An ask, ready to be asked: its id, its canonical body, and the fingerprint of it. */
export function enter(ask: Ask, id: string): Entry {
  const body = bodyOf(ask);
  return { ask, id, body, fingerprint: hash("sha256", body, "hex") };
}

/**
 * The canonical body (RFC 8785: keys in order, no spaces, absent fields absent) with the kind and
 * without key and tenant. Written out because a general canonicaliser costs more than the decision.
 */
function bodyOf(ask: Ask): string {
  const kind = `"kind":"${ask.kind}"`;
  const merchant = `"merchantId":"${ask.merchantId}"`;
  if ("mandateId" in ask) {
    const charges = (ask.charges ?? []).map(
      ({ name, amountMinor }) => `{"amountMinor":${amountMinor},"name":${JSON.stringify(name)}}`,
    );
    const lines = ask.lines.map(
      ({ itemId, quantity }) => `{"itemId":"${itemId}","quantity":${quantity}}`,
    );
    return (
      `{${ask.again === true ? '"again":true,' : ""}"agentId":${JSON.stringify(ask.agentId)}` +
      `,"amountMinor":${ask.amountMinor}${charges.length > 0 ? `,"charges":[${charges.join()}]` : ""}` +
      `,"currency":"${ask.currency}"${ask.kind === "hold" ? `,"holdSeconds":${ask.holdSeconds}` : ""}` +
      `,${kind},"lines":[${lines.join()}],"mandateId":"${ask.mandateId}",${merchant}}`
    );
  }
  const purchase = `"purchaseId":"${ask.purchaseId}"`;
  switch (ask.kind) {
    case "release":
      return `{${kind},${merchant},${purchase}}`;
    case "extend":
      return `{"holdSeconds":${ask.holdSeconds},${kind},${merchant},${purchase}}`;
    case "capture": {
      const part = ask.quantity === undefined ? "" : `,"quantity":${ask.quantity}`;
      return `{${kind},${merchant},${purchase}${part}}`;
    }
    case "refund": {
      const line = ask.line === undefined ? "" : `"line":${ask.line},`;
      const units =
        ask.returnQuantity === undefined ? "" : `,"returnQuantity":${ask.returnQuantity}`;
      return `{"amountMinor":${ask.amountMinor},${kind},${line}${merchant},${purchase}${units}}`;
    }
  }
}
