import { readSessionAgain, urlOf } from "../api/client.ts";
import { onMode } from "../api/mode.ts";
import { currentSession, currentTenant } from "../api/session.ts";
import {
  eventsIn,
  type Heard,
  type Listener,
  type LiveState,
  type ServerEvent,
  type Topic,
} from "./events.ts";

const base = [
  ["purchases", "purchases:read"],
  ["items", "items:read"],
  ["mandates", "mandates:read"],
  ["runs", "runs:read"],
  ["merchants", "merchants:read"],
  ["keys", "keys:read"],
  ["webhooks", "webhooks:read"],
  ["requests", "requests:read"],
] as const;

/** A page that nobody looks at gives its connection back: a browser has six to a host. */
const hiddenForMs = 60_000;
const staleAfterMs = 8_000;

/**
 * The one stream of this tab. Read with fetch, because EventSource can say neither which tenant is meant
 * nor why it was refused.
 */
class LiveStream {
  readonly #listeners = new Map<Listener, readonly Topic[]>();
  readonly #watchers = new Set<() => void>();
  #state: LiveState = "off";
  #abort: AbortController | undefined;
  #lastId: string | undefined;
  #topics = "";
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;
  #stops = new AbortController();
  heardAt = Date.now();
  nextTryAt = 0;

  get state(): LiveState {
    return this.#isPaused ? "paused" : this.#state;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  listen(topics: readonly Topic[], listener: Listener): () => void {
    this.#listeners.set(listener, topics);
    this.#reconsider();
    return () => {
      this.#listeners.delete(listener);
      this.#reconsider();
    };
  }

  /** By hand, before its time has come. */
  tryNow(): void {
    this.#again(0);
  }

  /** Nothing moves while it is paused; afterwards everything is read again. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused) this.#tell({ kind: "gap", reason: "PAUSED" });
    this.#show(this.#state);
  }

  start(): void {
    this.#stops.abort();
    const stops = (this.#stops = new AbortController());
    const { signal } = stops;
    addEventListener("online", () => this.#again(0), { signal });
    addEventListener("offline", () => this.#show("offline"), { signal });
    document.addEventListener("visibilitychange", () => this.#onVisibility(), { signal });
    const off = onMode(() => {
      this.#lastId = undefined;
      this.#again(0);
    });
    signal.addEventListener("abort", off);
    this.#again(0);
  }

  stop(): void {
    this.#stops.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#staleTimer);
    clearTimeout(this.#hiddenTimer);
    this.#abort?.abort();
    this.#abort = undefined;
    this.#lastId = undefined;
    this.#show("off");
  }

  #onVisibility(): void {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) this.#hiddenTimer = setTimeout(() => this.#abort?.abort(), hiddenForMs);
    else if (!this.#abort || this.#abort.signal.aborted) this.#again(0);
  }

  #wanted(): string {
    const scopes = currentSession()?.scopes ?? [];
    const always = base.filter(([, scope]) => scopes.includes(scope)).map(([topic]) => topic);
    const more = [...this.#listeners.values()].flat().filter((topic) => topic.startsWith("run:"));
    return [...new Set<string>([...always, ...more])].slice(0, 20).join(",");
  }

  /** A screen came or went: one that brings a topic of its own needs another stream. */
  #reconsider(): void {
    if (this.#state === "off" || this.#wanted() === this.#topics) return;
    this.#again(0);
  }

  #again(afterMs: number): void {
    clearTimeout(this.#timer);
    this.nextTryAt = Date.now() + afterMs;
    this.#timer = setTimeout(() => void this.#open(), afterMs);
  }

  async #open(): Promise<void> {
    this.#abort?.abort();
    const tenant = currentTenant();
    if (tenant === undefined) return this.stop();
    if (!navigator.onLine) return this.#show("offline");
    const abort = new AbortController();
    this.#abort = abort;
    this.#topics = this.#wanted();
    this.#wait();
    try {
      const headers = {
        "ZeroRace-Tenant": tenant,
        ...(this.#lastId && { "Last-Event-ID": this.#lastId }),
      };
      const url = urlOf("/v1/stream", { topics: this.#topics });
      // It waits for its turn: first what the screen shows.
      const response = await fetch(url, { headers, priority: "low", signal: abort.signal });
      if (response.status === 401 || response.status === 403) await this.#beRefused();
      else if (response.ok && response.body) {
        for await (const event of eventsIn(response.body)) this.#take(event);
      }
    } catch {
      // Whatever it was: the next attempt meets it again, or not.
    }
    if (this.#abort !== abort || (abort.signal.aborted && document.hidden)) return;
    this.#failures++;
    this.#wait();
    this.#again(
      Math.min(15_000, 500 * 2 ** Math.min(this.#failures, 5)) * (0.5 + Math.random() / 2),
    );
  }

  /** The server does answer: who has signed in may not listen any more, or not to all of this. */
  async #beRefused(): Promise<void> {
    clearTimeout(this.#staleTimer);
    if (this.#state === "stale") this.#show("catching-up");
    await readSessionAgain();
  }

  #wait(): void {
    if (this.#state !== "stale" && this.#state !== "offline") this.#show("catching-up");
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(() => {
      this.#show(navigator.onLine ? "stale" : "offline");
    }, staleAfterMs);
  }

  #take({ name, id, data }: ServerEvent): void {
    this.heardAt = Date.now();
    if (id !== undefined) this.#lastId = id;
    const said = JSON.parse(data) as Said;
    switch (name) {
      case "open": {
        const wasAway = this.#failures > 0 || this.#state === "stale" || this.#state === "offline";
        this.#failures = 0;
        clearTimeout(this.#staleTimer);
        this.#show("live");
        if (wasAway && this.#lastId === undefined) this.#tell({ kind: "gap", reason: "AWAY" });
        break;
      }
      case "gap":
        this.#tell({ kind: "gap", reason: said.reason ?? "" });
        break;
      case "run":
        this.#tell({ kind: "frame", topic: `run:${said.id ?? ""}`, frame: said.frame });
        break;
      case "end":
        break;
      default:
        this.#tell({
          kind: "changed",
          topic: name as Topic,
          ids: said.ids ?? [],
          more: said.more ?? 0,
        });
    }
  }

  #tell(heard: Heard): void {
    if (this.#isPaused) return;
    for (const [listener, topics] of this.#listeners) {
      if (heard.kind === "gap" || topics.includes(heard.topic)) listener(heard);
    }
  }

  #show(state: LiveState): void {
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}

interface Said {
  readonly ids?: readonly string[];
  readonly more?: number;
  readonly reason?: string;
  readonly id?: string;
  readonly frame?: unknown;
}

export const liveStream = new LiveStream();
