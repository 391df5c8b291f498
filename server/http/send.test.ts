import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";
import { expect, it, onTestFinished } from "vitest";
import { makeMetrics } from "../base/metrics.ts";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { lastWord } from "./last-word.ts";
import { Problem } from "./problem.ts";
import { sendStream } from "./send.ts";
import { enter } from "./visit.ts";

/** A server that streams these parts, and what a client gets that has not read of it yet. */
async function streaming(parts: () => AsyncGenerator<string>): Promise<IncomingMessage> {
  const log = makeLog("test", { logLevel: "fatal" }, { write: () => undefined });
  const app = express();
  app.use(enter({ metrics: makeMetrics(), log, config: readConfig({}) }));
  app.get("/", async (_req, res) => sendStream(res, parts(), ["Content-Type", "text/csv"]));
  app.use(lastWord(log));
  const server = createServer(app).listen(0);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const request = get({ port, host: "localhost" });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.on("error", () => undefined);
  return response;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 500) throw new Error("it never came to that");
    await sleep(10);
  }
}

const part = "x".repeat(65_536);

it("reads on only as fast as the client takes it, and stops when the client goes", async () => {
  let [made, ended] = [0, false];
  const response = await streaming(async function* () {
    try {
      for (;;) {
        made++;
        yield part;
        await sleep(0);
      }
    } finally {
      ended = true;
    }
  });
  let before = -1;
  // It comes to rest when all buffers on the way are full.
  await until(() => {
    const rests = made === before && made > 0;
    before = made;
    return rests;
  });
  const rested = made;
  let bytes = 0;
  while (made === rested) {
    if (response.readableLength === 0) await once(response, "readable");
    bytes += (response.read() as Buffer).length;
  }
  expect(bytes).toBeGreaterThan(0);
  expect(made).toBeLessThan(rested + 100);
  response.destroy();
  await until(() => ended);
});

it("tells what fails before the first part as a problem", async () => {
  const response = await streaming(async function* () {
    yield await Promise.reject(new Problem("UNKNOWN_MERCHANT"));
  });
  expect(response.statusCode).toBe(404);
  expect(response.headers["content-type"]).toBe("application/problem+json");
});

it("cuts the connection when it fails later, so that half is not taken for the whole", async () => {
  const response = await streaming(async function* () {
    yield part;
    throw new Error("the database went away");
  });
  expect(response.statusCode).toBe(200);
  const { promise, resolve } = Promise.withResolvers<void>();
  response.on("close", resolve).resume();
  await promise;
  expect(response.complete).toBe(false);
});
