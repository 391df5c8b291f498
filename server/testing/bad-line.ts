import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The way to a server, for whole bytes and not for messages: it gets slow, or swallows. */
export interface BadLine extends AsyncDisposable {
  readonly url: string;
  /** Connections that were opened so far. */
  readonly counts: { connects: number };
  /** From now on each packet takes so much longer, in either direction. */
  slow(ms: number): void;
  /**
   * Connections open, and what is sent is gone: not late, gone. One that was open meanwhile stays dead
   * when the line is back, as behind a firewall that forgot it.
   */
  swallow(on: boolean): void;
  /** The next connection that sends this says nothing any more, nor does anybody hear it. */
  swallowAt(text: string): void;
  close(): Promise<void>;
}

export async function badLine(url: string): Promise<BadLine> {
  const { hostname: host, port } = new URL(url);
  const state = { slowMs: 0, swallows: false, last: undefined as string | undefined };
  const counts = { connects: 0 };
  const ends = new Set<Socket>();
  const dead = new WeakSet<Socket>();
  const server = createServer((client) => {
    counts.connects += 1;
    const upstream = connect({ host, port: Number(port) });
    if (state.swallows) dead.add(client);
    for (const end of [client, upstream]) {
      ends.add(end);
      end.setNoDelay(true);
      end.on("error", () => undefined);
      end.on("close", () => ends.delete(end));
    }
    const pass = (from: Socket, to: Socket): void => {
      // One after the other, also when the line gets faster in between.
      let before = Promise.resolve();
      from.on("data", (bytes) => {
        if (state.last !== undefined && bytes.includes(state.last)) {
          dead.add(client);
          state.last = undefined;
        }
        if (dead.has(client)) return;
        const arrived = sleep(state.slowMs);
        before = before.then(async () => {
          await arrived;
          if (!dead.has(client)) to.write(bytes);
        });
      });
      from.on("close", () => to.destroy());
    };
    pass(client, upstream);
    pass(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const here = new URL(url);
  here.hostname = "127.0.0.1";
  here.port = String((server.address() as AddressInfo).port);
  const close = async (): Promise<void> => {
    for (const end of ends) end.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: here.href,
    counts,
    slow(ms) {
      state.slowMs = ms;
    },
    swallow(on) {
      state.swallows = on;
      if (on) for (const end of ends) dead.add(end);
    },
    swallowAt(text) {
      state.last = text;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
