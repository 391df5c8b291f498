import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Latency } from "../server/proof/latency.ts";

/** The next request, whole, as it goes over the wire. */
export type NextRequest = () => string;

export interface HttpRate {
  readonly requestsPerSecond: number;
  readonly latency: Latency;
  /** What was answered with anything but a 2xx status. */
  readonly refused: number;
}

interface Tally {
  latency: Latency;
  refused: number;
}

/**
 * Connections that are kept alive, each with one request on its way. A client library would take more
 * of the two cores than the server that is measured, so this knows as much of HTTP as it needs: every
 * answer of ours has a Content-Length.
 */
export async function pressHttp(
  at: { readonly hostname: string; readonly port: string },
  next: NextRequest,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<HttpRate> {
  const tally: Tally = { latency: new Latency(), refused: 0 };
  let isOver = false;
  const ends = Array.from({ length: connections }, async () => {
    const socket = connect(Number(at.port), at.hostname);
    socket.setNoDelay(true);
    await once(socket, "connect");
    await askOneAfterAnother(socket, next, tally, () => isOver);
  });
  const all = Promise.all(ends);
  await Promise.race([pause(warmUpMs), all]);
  [tally.latency, tally.refused] = [new Latency(), 0];
  const startedAt = performance.now();
  await Promise.race([pause(seconds * 1_000), all]);
  const took = (performance.now() - startedAt) / 1_000;
  const { latency, refused } = tally;
  tally.latency = new Latency();
  isOver = true;
  await all;
  return { requestsPerSecond: latency.count / took, latency, refused };
}

const warmUpMs = 1_500;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function askOneAfterAnother(
  socket: Socket,
  next: NextRequest,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sentAt = performance.now();
  let text = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    if (!isWhole(text)) return;
    const now = performance.now();
    tally.latency.record(now - sentAt);
    if (text[9] !== "2") {
      if (tally.refused++ === 0) console.error(text);
    }
    text = "";
    if (isOver()) {
      socket.end();
      resolve();
      return;
    }
    sentAt = now;
    socket.write(next(), "latin1");
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("the server closed a connection of the bench's")));
  socket.write(next(), "latin1");
  return promise;
}

function isWhole(text: string): boolean {
  const head = text.indexOf("\r\n\r\n");
  if (head === -1) return false;
  const at = text.indexOf("Content-Length: ");
  if (at === -1 || at > head) throw new Error(`an answer without a length: ${text}`);
  return text.length >= head + 4 + Number.parseInt(text.slice(at + 16, at + 26), 10);
}
