import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Luck } from "./luck.ts";
import type { Arrival } from "./outside.ts";

/** How a receiver treats who calls: as it should, with 500, not at all, or by cutting the connection. */
export type Mood = "well" | "fails" | "hangs" | "gone";

/** Of what it took it loses so many answers on the way. */
const lostShare = 0.03;
const toleranceS = 300;

/** A receiver of webhooks, which writes everything down and misbehaves when it is told to. */
export class Sink {
  mood: Mood = "well";
  readonly #server: Server;
  readonly #ears = new Map<string, Ear>();
  readonly #seed: number;

  private constructor(seed: number) {
    this.#seed = seed;
    this.#server = createServer((req, res) => void this.#take(req, res).catch(() => res.destroy()));
    this.#server.on("connection", (socket) => {
      if (this.mood === "gone") socket.destroy();
    });
  }

  static async open(seed: number): Promise<Sink> {
    const sink = new Sink(seed);
    sink.#server.listen(0, "127.0.0.1");
    await once(sink.#server, "listening");
    return sink;
  }

  /** The endpoint of one world. */
  ear(tenantId: string): Ear {
    const { port } = this.#server.address() as AddressInfo;
    const luck = new Luck(this.#seed, this.#ears.size);
    const ear = new Ear(`http://127.0.0.1:${port}/${tenantId}`, luck);
    this.#ears.set(`/${tenantId}`, ear);
    return ear;
  }

  /** How much it has got so far, by what it did with it. */
  count(answered: Arrival["answered"]): number {
    const all = [...this.#ears.values()].flatMap(({ arrivals }) => arrivals);
    return all.filter((one) => one.answered === answered).length;
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part as Buffer);
    const ear = this.#ears.get(req.url ?? "");
    if (ear === undefined) return void res.writeHead(404).end();
    switch (ear.hear(req.headers, Buffer.concat(parts).toString("utf8"), this.mood)) {
      case "yes":
        return void res.writeHead(204).end();
      case "no":
        return void res.writeHead(500).end("on purpose");
      case "lost":
        return void res.destroy();
      case "never":
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

export class Ear {
  readonly url: string;
  readonly arrivals: Arrival[] = [];
  /** As the product gave it when the endpoint was made. */
  secret = "";
  #isCalm = false;
  readonly #luck: Luck;

  constructor(url: string, luck: Luck) {
    this.url = url;
    this.#luck = luck;
  }

  /** From now on no answer is lost. */
  calm(): void {
    this.#isCalm = true;
  }

  hear(headers: IncomingMessage["headers"], body: string, mood: Mood): Arrival["answered"] {
    const id = String(headers["webhook-id"]);
    const isSigned = isSignedWith(this.secret, headers, body);
    const answered = isSigned ? this.#answerIn(mood) : "no";
    const digest = createHash("sha256").update(body).digest("base64");
    this.arrivals.push({ id, isSigned, ...factsIn(body), digest, at: performance.now(), answered });
    return answered;
  }

  #answerIn(mood: Mood): Arrival["answered"] {
    if (mood === "fails") return "no";
    if (mood === "hangs") return "never";
    return !this.#isCalm && this.#luck.chance(lostShare) ? "lost" : "yes";
  }
}

interface Body {
  readonly type?: string;
  readonly data?: Partial<Arrival> & { readonly itemId?: string; readonly mandateId?: string };
}

function factsIn(body: string): Pick<Arrival, "type" | "eventId"> & Partial<Arrival> {
  const { type = "", data = {} } = parsed(body);
  const { eventId = "", purchaseId, sequence, amountMinor, itemId, mandateId } = data;
  const subjectId = itemId ?? mandateId;
  if (purchaseId === undefined) return { type, eventId, ...(subjectId && { subjectId }) };
  return {
    type,
    eventId,
    purchaseId,
    ...(sequence !== undefined && { sequence }),
    ...(amountMinor !== undefined && { amountMinor }),
  };
}

function parsed(body: string): Body {
  try {
    return JSON.parse(body) as Body;
  } catch {
    return {};
  }
}

/** As Standard Webhooks says it, and not by what signed it: else both could be wrong in the same way. */
export function isSignedWith(
  secret: string,
  headers: IncomingMessage["headers"],
  body: string,
): boolean {
  const [id, at] = [String(headers["webhook-id"]), String(headers["webhook-timestamp"])];
  if (!(Math.abs(Date.now() / 1000 - Number(at)) < toleranceS)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const right = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
  return String(headers["webhook-signature"]).split(" ").includes(`v1,${right}`);
}
