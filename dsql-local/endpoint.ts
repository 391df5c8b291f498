import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { refuse, type Refusal } from "./rules.ts";
import type { Settings } from "./settings.ts";

interface Retiring {
  retire(): void;
}

/** One address of the cluster: of two peered clusters each has its own, before the same data. */
export class Endpoint {
  readonly #settings: Settings;
  readonly #sockets = new Set<Socket>();
  readonly #listener: Server;
  readonly #crowd: Crowd;
  readonly #sessions = new Set<Retiring>();
  #isCut = false;
  #isFull = false;

  constructor(settings: Settings, receive: (socket: Socket, endpoint: Endpoint) => void) {
    this.#settings = settings;
    this.#crowd = new Crowd(settings);
    this.#listener = createServer((socket) => {
      if (this.#isCut) return void socket.resetAndDestroy();
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      receive(socket, this);
    });
  }

  async open(port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#listener.once("error", reject);
    this.#listener.listen(port, this.#settings.host, resolve);
    return promise;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Too many, or too fast. */
  admit(): Refusal | undefined {
    return this.#isFull ? refuse("tooMany") : this.#crowd.admit(this.#sockets.size);
  }

  /** The region is gone: every connection is reset, and so is everyone who comes. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  joined(session: Retiring): void {
    this.#sessions.add(session);
  }

  left(session: Retiring): void {
    this.#sessions.delete(session);
  }

  /** For all sessions the hour is over, between two of their transactions, and who comes is one too many. */
  crowd(): void {
    this.#isFull = true;
    for (const session of this.#sessions) session.retire();
  }

  /** The region is back, and there is room. */
  restore(): void {
    this.#isCut = false;
    this.#isFull = false;
  }

  close(): void {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** How many may be connected, and how fast they may come: a bucket that fills again. */
class Crowd {
  readonly #settings: Settings;
  #tokens: number;
  #filledAt = performance.now();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#tokens = settings.connectBurst;
  }

  admit(connected: number): Refusal | undefined {
    const { connectionsMax, connectRate, connectBurst } = this.#settings;
    const now = performance.now();
    const fresh = ((now - this.#filledAt) / 1000) * connectRate;
    this.#tokens = Math.min(connectBurst, this.#tokens + fresh);
    this.#filledAt = now;
    if (connected > connectionsMax) return refuse("tooMany");
    if (this.#tokens < 1) return refuse("tooFast");
    this.#tokens--;
    return undefined;
  }
}
