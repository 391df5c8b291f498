import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What happens to one request: it passes, late perhaps, is throttled as DynamoDB does it, never answered,
 * or cut off after it was done.
 */
export type HttpFate = "pass" | "throttle" | "hang" | "cutAfter" | { readonly delayMs: number };

export interface BadHttp {
  readonly url: string;
  readonly counts: Record<"pass" | "throttle" | "hang" | "cutAfter" | "late", number>;
  /** From now on; asked once for each request. */
  fate(policy: () => HttpFate): void;
  close(): Promise<void>;
}

const throttled = JSON.stringify({
  __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
  message: "made up on the way",
});

/** Something in front of a server that speaks HTTP, and that goes wrong as told. */
export async function badHttp(endpoint: string): Promise<BadHttp> {
  const counts = { pass: 0, throttle: 0, hang: 0, cutAfter: 0, late: 0 };
  let policy: () => HttpFate = () => "pass";
  const server = createServer((req, res) => {
    const fate = policy();
    counts[typeof fate === "object" ? "late" : fate] += 1;
    if (fate === "hang") return;
    if (fate === "throttle") {
      req.resume();
      res.writeHead(400, { "Content-Type": "application/x-amz-json-1.0" }).end(throttled);
      return;
    }
    const pass = (): void => passOn(endpoint, req, res, fate === "cutAfter");
    if (typeof fate === "object") setTimeout(pass, fate.delayMs);
    else pass();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    fate(next) {
      policy = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function passOn(endpoint: string, req: IncomingMessage, res: ServerResponse, cut: boolean): void {
  const there = request(
    endpoint,
    { method: req.method, path: req.url, headers: req.headers },
    (answer) => {
      if (cut) {
        answer.resume().on("end", () => res.destroy());
        return;
      }
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    },
  );
  there.on("error", () => res.destroy());
  req.pipe(there);
}
