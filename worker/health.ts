import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "../server/base/metrics.ts";

export interface Health {
  readonly url: string;
  close(): Promise<void>;
}

/** /metrics, /healthz (it runs) and /readyz (it works: it reached the database lately). */
export async function listenForHealth(
  { host, workerPort }: { readonly host: string; readonly workerPort: number },
  { registry }: Metrics,
  isReady: () => boolean,
): Promise<Health> {
  const answers: Record<string, () => Promise<readonly [status: number, text: string]>> = {
    "/metrics": async () => [200, await registry.metrics()],
    "/healthz": async () => [200, "ok\n"],
    "/readyz": async () => (isReady() ? [200, "ready\n"] : [503, "not ready\n"]),
  };
  const server = createServer((req, res) => {
    const answer = req.method === "GET" ? answers[req.url ?? ""] : undefined;
    if (!answer) {
      res.writeHead(404).end();
      return;
    }
    const type = req.url === "/metrics" ? registry.contentType : "text/plain";
    answer().then(
      ([status, text]) => res.writeHead(status, { "Content-Type": type }).end(text),
      () => res.writeHead(500).end(),
    );
  });
  await listen(server, host, workerPort);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(
      `A worker cannot listen on ${host}:${port} (${(error as NodeJS.ErrnoException).code}): set ` +
        "ZERORACE_WORKER_METRICS_PORT to another port (0: a free one).",
      { cause: error },
    );
  }
}
