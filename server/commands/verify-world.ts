import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { exportLog } from "../audit/export-log.ts";
import type { Verdict } from "../audit/chain-walk.ts";
import { checkChain } from "../audit/verify-chain.ts";
import { verifyExport } from "../audit/verify-export.ts";
import { createKey } from "../auth/keys.ts";
import type { Db } from "../db/open.ts";
import { copiesOverHttp, type Copies } from "../proof/history/copies.ts";
import type { Shelf } from "../proof/history/history.ts";
import { httpTarget } from "../proof/history/http-target.ts";
import {
  readEntries,
  readUnsent,
  type AuditLog,
  type Errand,
  type Outside,
  type Walked,
} from "../proof/history/outside.ts";
import type { Ear, Sink } from "../proof/history/sink.ts";
import type { Target } from "../proof/history/target.ts";
import type { Plane } from "../readplane/open.ts";
import { operator } from "./operator.ts";

/** Where the worlds of a run are opened, and where their webhooks lead. */
export interface Around {
  /** Past all that is bad. */
  readonly db: Db;
  readonly urls: readonly string[];
  readonly sink: Sink;
}

const scopes = [
  "purchases:write",
  "refunds:write",
  "items:write",
  "mandates:write",
  "webhooks:write",
  "ledger:read",
];

/** One world in so many has an endpoint: at the end of a world with one all wait until it was told. */
const worldsPerEndpoint = 4;

/** The worlds of a run, over HTTP. */
export class Worlds {
  readonly #around: Around;
  readonly #keys = new WeakMap<Shelf, string>();
  #opened = 0;

  constructor(around: Around) {
    this.#around = around;
  }

  /** With its audit log, and now and then with an endpoint that hears all of it. */
  async open(shelf: Shelf, listens = this.#opened++ % worldsPerEndpoint === 0): Promise<Target> {
    const { db, urls, sink } = this.#around;
    const { tenantId } = shelf;
    const made = await createKey(db, { tenantId, name: "verify", scopes }, { actor: operator() });
    if (made.kind === "refused") throw new Error(made.says);
    const { apiKey, key } = made;
    this.#keys.set(shelf, apiKey);
    const errands: Errand[] = [{ action: "api_key.create", objectId: key.keyId, outcome: "ok" }];
    const office = new Office({ db, urls, tenantId, apiKey, errands });
    if (listens) await office.open(sink.ear(tenantId));
    return { ...httpTarget(urls, apiKey, shelf), outside: office };
  }

  /** Of one that is open. */
  async copies(plane: Plane, shelf: Shelf): Promise<Copies> {
    return copiesOverHttp(plane, this.#around.urls, this.#keys.get(shelf) ?? "", shelf);
  }
}

interface Given {
  readonly db: Db;
  readonly urls: readonly string[];
  readonly tenantId: string;
  readonly apiKey: string;
  readonly errands: Errand[];
}

const pollMs = 100;
const redeliverMs = 3_000;
const patienceMs = 10_000;

/** Who runs the endpoint of a world, through the public API. */
class Office implements Outside {
  readonly #given: Given;
  readonly #since = new Date(Date.now() - 60_000).toISOString();
  #ear: Ear | undefined;
  #endpointId = "";

  constructor(given: Given) {
    this.#given = given;
  }

  async open(ear: Ear): Promise<void> {
    const { id = "", secret } = await this.#send("POST", "/v1/webhooks", { url: ear.url });
    if (secret === undefined) throw new Error("The endpoint of the run has no secret.");
    this.#ear = ear;
    this.#endpointId = id;
    ear.secret = secret;
    this.#given.errands.push({ action: "webhook.create", objectId: id, outcome: "ok" });
  }

  /** As an operator whose receiver is well again: what waits for its next attempt is sent now. */
  async settle(until: number): Promise<void> {
    const { db, tenantId } = this.#given;
    if (this.#ear === undefined) return;
    this.#ear.calm();
    for (let askedAt = -Infinity; performance.now() < until; await sleep(pollMs)) {
      const { owed, waiting } = await readUnsent(db, tenantId);
      if (owed === 0) return;
      if (waiting === 0 || performance.now() - askedAt < redeliverMs) continue;
      askedAt = performance.now();
      await this.#errand("webhook.redeliver", "POST", "/redeliver", { since: this.#since });
    }
  }

  async see(readAt: number): ReturnType<Outside["see"]> {
    const { db, tenantId, errands } = this.#given;
    const log = await readLog(db, tenantId);
    const heard = this.#ear && { arrivals: [...this.#ear.arrivals], readAt };
    return { errands: [...errands], log, ...(heard && { heard }) };
  }

  /** Nobody looks for what it missed any more. */
  async close(): Promise<void> {
    if (this.#ear !== undefined) await this.#errand("webhook.delete", "DELETE", "");
  }

  async #errand(action: string, method: string, path: string, body?: object): Promise<void> {
    const at = `/v1/webhooks/${this.#endpointId}${path}`;
    const outcome = await this.#send(method, at, body).then(
      () => "ok" as const,
      () => "info" as const,
    );
    this.#given.errands.push({ action, objectId: this.#endpointId, outcome });
  }

  async #send(method: string, path: string, body?: object): Promise<Made> {
    const { urls, apiKey } = this.#given;
    const reply = await fetch(`${urls[0]}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${apiKey}`,
        "Content-Type": "application/json",
        "Idempotency-Key": randomUUID(),
      },
      signal: AbortSignal.timeout(patienceMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path} was answered ${reply.status}: ${text}`);
    return JSON.parse(text) as Made;
  }
}

interface Made {
  readonly id?: string;
  readonly secret?: string;
}

async function readLog(db: Db, tenantId: string): Promise<AuditLog> {
  const [entries, chain, exported] = await Promise.all([
    readEntries(db, tenantId),
    checkChain(db, tenantId),
    verifyExport(linesOf(exportLog(db, tenantId))),
  ]);
  return { entries, chain: walked(chain), exported: walked(exported) };
}

async function* linesOf(parts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const part of parts) yield* part.split("\n").filter((line) => line !== "");
}

const walked = ({ entries, brokenAt }: Verdict): Walked => ({
  entries,
  ...(brokenAt && { broken: `entry ${brokenAt.seq}: ${brokenAt.fault}` }),
});
