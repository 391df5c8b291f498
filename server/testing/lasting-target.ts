import type { Agent } from "node:http";
import type { Asked, Heard, Shelf } from "../proof/history/history.ts";
import { bodyOf, heardOf } from "../proof/history/http-target.ts";
import { post } from "../proof/history/post.ts";
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
    const url = `${this.#url}/v1/purchases/commit`;
    const body = bodyOf(this.#shelf, asked);
    const posted = await post(url, { agent: this.#agent, apiKey: this.#apiKey, key, body });
    this.isClosing = posted.headers.connection === "close";
    return heardOf(posted);
  }

  command(): Promise<Heard> {
    throw new Error("this one only buys");
  }
}
