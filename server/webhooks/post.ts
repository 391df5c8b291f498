import { lookup } from "node:dns/promises";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { withoutSecrets } from "../base/log.ts";
import { readRetryAfter } from "./schedule.ts";
import { faultOfTarget, hostOf, isPublicAddress, type Targets } from "./target.ts";

/** How one attempt went: the receiver's status, or why there was none. */
export interface Outcome {
  readonly status: number | null;
  readonly fault: string | null;
  readonly ms: number;
  /** How the receiver's answer began. */
  readonly answer: string;
  readonly retryAfterMs?: number;
  /** The headers of the request, once there was somewhere to send it. */
  readonly sent?: Readonly<Record<string, string>>;
}

export type Resolve = (name: string) => Promise<readonly string[]>;

export interface PostOptions {
  readonly targets: Targets;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  readonly resolve?: Resolve;
}

/** Of the answer no more is read than is shown, and nobody waits long for it: the status says enough. */
const answerBytes = 1_024;
const answerMs = 1_000;

export function isSuccess({ status }: Pick<Outcome, "status">): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** Why an attempt got no status, in words for the delivery log. */
class PostFault extends Error {}

/**
 * Posts to where the name leads now: it is resolved once, every address is judged, and the connection
 * goes to the one that was judged. A redirect is not followed: its status is the outcome.
 */
export async function post(
  target: string,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  options: PostOptions,
): Promise<Outcome> {
  const { targets, timeoutMs, resolve = resolveAll } = options;
  const startedAt = performance.now();
  const late = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([late, options.signal]) : late;
  const ms = (): number => Math.round(performance.now() - startedAt);
  let sent: Record<string, string> | undefined;
  try {
    // The setting may have changed since the endpoint was made.
    const fault = faultOfTarget(target, targets);
    if (fault !== undefined) throw new PostFault(`the URL ${fault}`);
    const url = new URL(target);
    const address = await within(signal, addressOf(hostOf(url), targets, resolve));
    sent = headersTo(url, headers, body);
    const response = await exchange(url, address, { headers: sent, body, signal });
    const { statusCode = 0 } = response;
    const answer = await beginningOf(response);
    const retryAfterMs = readRetryAfter(response.headers["retry-after"], Date.now());
    return {
      status: statusCode,
      fault: null,
      ms: ms(),
      answer,
      sent,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  } catch (error) {
    const fault = late.aborted ? `no answer within ${timeoutMs / 1000} seconds` : wordsFor(error);
    return { status: null, fault, ms: ms(), answer: "", ...(sent && { sent }) };
  }
}

async function resolveAll(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

/** Literal addresses come this way too: they are never looked up, so a guard in a look-up misses them. */
async function addressOf(host: string, targets: Targets, resolve: Resolve): Promise<string> {
  const addresses = isIP(host) > 0 ? [host] : await resolve(host);
  const [first] = addresses;
  if (first === undefined) throw new PostFault("the name has no address");
  if (targets === "public" && !addresses.every(isPublicAddress)) {
    throw new PostFault("the name leads to an address that is not public");
  }
  return first;
}

function headersTo(url: URL, signed: Readonly<Record<string, string>>, body: string) {
  return {
    ...signed,
    Host: url.host,
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    "User-Agent": "ZeroRace-Webhooks/1",
  };
}

interface Sending {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

async function exchange(
  url: URL,
  address: string,
  { headers, body, signal }: Sending,
): Promise<IncomingMessage> {
  const isTls = url.protocol === "https:";
  const name = hostOf(url);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = (isTls ? requestHttps : requestHttp)({
    method: "POST",
    host: address,
    port: url.port || (isTls ? 443 : 80),
    path: `${url.pathname}${url.search}`,
    // The certificate is held against the name, not against the address.
    ...(isTls && isIP(name) === 0 && { servername: name }),
    headers,
    agent: false,
    maxHeaderSize: 16_384,
    signal,
  });
  sent.once("response", resolve);
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  const read = async (): Promise<void> => {
    for await (const part of response) {
      parts.push(part as Buffer);
      bytes += (part as Buffer).length;
      if (bytes >= answerBytes) break;
    }
  };
  const enough = new AbortController();
  const reading = read().catch(() => undefined);
  const waiting = sleep(answerMs, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([reading, waiting]);
  enough.abort();
  response.destroy();
  const text = Buffer.concat(parts).subarray(0, answerBytes).toString("utf8");
  // The database takes no NUL, and nobody wants to see the others.
  return withoutSecrets(text.replaceAll(/[^\P{Cc}\n\t]/gu, "").toWellFormed());
}

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name could not be looked up",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  CERT_HAS_EXPIRED: "the certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is signed by nobody known",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate is signed by nobody known",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate is signed by nobody known",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate is signed by nobody known",
};

function wordsFor(error: unknown): string {
  if (error instanceof PostFault) return error.message;
  const { code = "", name } = error as NodeJS.ErrnoException;
  if (name === "AbortError") return "broken off: the worker was stopped";
  return words[code] ?? `the connection failed (${code || "unknown"})`;
}
