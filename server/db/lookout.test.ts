import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { expect, it } from "vitest";
import { Lookout } from "./lookout.ts";

it("a look that waits for its turn longer than it is given ends neither the process nor its turn", async () => {
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const loud: unknown[] = [];
  const hear = (error: unknown): void => void loud.push(error);
  process.on("uncaughtExceptionMonitor", hear);
  const tried = Promise.withResolvers<void>();
  const late = class extends Client {
    override connect(): Promise<never> {
      return sleep(3_200)
        .then(() => super.connect())
        .finally(tried.resolve) as Promise<never>;
    }
  };
  const lookout = new Lookout(() => new late({ host: "127.0.0.1", port, user: "nobody" }));
  const waiter = lookout.opening(() => undefined);
  await tried.promise;
  lookout.done(waiter);
  lookout.close();
  process.off("uncaughtExceptionMonitor", hear);
  server.close();
  expect(loud).toEqual([]);
}, 30_000);
