import { request, type Agent } from "node:http";
import type { Asked, Heard, Shelf } from "../proof/history/history.ts";
import { bodyOf, heardOf, type Reply } from "../proof/history/http-target.ts";
import type { Target } from "../proof/history/target.ts";

/** Buys at one server, on connections that the agent keeps; a reset rejects. */
export class LastingTarget implements Target {
  /** The server has said that it closes the connection of the last answer. */
  isClosing = false;
  readonly #agent: Agent;
  readonly #url: string;
  readonly #apiKey: string;
  readonly #shelf: Shelf;

  constructor(agent: Agent, url: string, apiKey: string, shelf: Shelf) {
    this.#agent = agent;
    this.#url = url;
    this.#apiKey = apiKey;
    this.#shelf = shelf;
  }

  async ask(key: string, asked: Asked): Promise<Heard> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const headers = {
      Authorization: `Bearer ${this.#apiKey}`,
      "Idempotency-Key": key,
      "Content-Type": "application/json",
    };
    const options = { agent: this.#agent, method: "POST", headers };
    request(`${this.#url}/v1/purchases/commit`, options, (res) => {
      this.isClosing = res.headers.connection === "close";
      let text = "";
      res.setEncoding("utf8");
      res.on("data", (part: string) => (text += part));
      res.on("error", reject);
      res.on("end", () =>
        resolve({ status: res.statusCode ?? 0, text, requestId: "", replayed: false }),
      );
    })
      .on("error", reject)
      .end(JSON.stringify(bodyOf(this.#shelf, asked)));
    return heardOf(await promise);
  }

  command(): Promise<Heard> {
    throw new Error("this one only buys");
  }
}
