import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

/** What a Service does for connections: each goes to one of the pods that are in rotation at that moment, and stays there. */
export class Balancer implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#pass(client));
  #rotation: readonly URL[] = [];
  #turn = 0;

  static async start(...pods: readonly URL[]): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.rotate(...pods);
    balancer.#server.listen(0, "127.0.0.1");
    await once(balancer.#server, "listening");
    return balancer;
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Of new connections; those that there are stay where they are. */
  rotate(...pods: readonly URL[]): void {
    this.#rotation = pods;
  }

  #pass(client: Socket): void {
    const pod = this.#rotation[this.#turn++ % this.#rotation.length];
    if (!pod) return void client.destroy();
    const server = connect(Number(pod.port), pod.hostname);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      // As a network: what one end does, the other one sees.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.end();
      });
      one.pipe(other);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }
}
