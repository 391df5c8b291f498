import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A door in front of a server, to shut in its clients' faces. */
export interface Door {
  readonly url: string;
  /** "shut": resets whoever comes and who is inside. "silent": takes everything, passes on nothing. */
  set(state: "open" | "shut" | "silent"): void;
  close(): Promise<void>;
}

/** Speaks no protocol: for PostgreSQL there is `unreliable`, which knows what a COMMIT is. */
export async function openDoor(url: string): Promise<Door> {
  const there = new URL(url);
  let state: "open" | "shut" | "silent" = "open";
  const inside = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    from.on("data", (chunk: Buffer) => state === "open" && to.write(chunk));
    from.on("error", () => undefined);
    from.on("close", () => {
      inside.delete(from);
      to.destroy();
    });
    inside.add(from);
  };
  const server = createServer((client) => {
    if (state === "shut") {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(there.port), there.hostname);
    pass(client, upstream);
    pass(upstream, client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  const empty = (): void => inside.forEach((socket) => socket.destroy());
  return {
    url: here.href,
    set(next) {
      state = next;
      if (next === "shut") empty();
    },
    async close() {
      empty();
      server.close();
      await once(server, "close");
    },
  };
}
