import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Metrics } from "../base/metrics.ts";
import type { Change, News } from "./announce.ts";
import { Stream, type StreamTerms } from "./stream.ts";

/** How many streams there may be at a time. */
export interface StreamLimits {
  readonly perCaller: number;
  readonly perTenant: number;
}

export interface HubOptions extends StreamLimits {
  readonly metrics: Pick<Metrics, "streamsOpen" | "streamGaps" | "streamEvents">;
  /** Resolves when this tenant's news are heard here. */
  readonly join: (tenantId: string) => Promise<void>;
  readonly leave: (tenantId: string) => void;
}

/** Of a server, whoever asks: each costs some tens of kilobytes. */
const streamsMax = 5_000;
/** What a client that comes back may still be told, if it was not away for longer than that. */
const recentMax = 500;
const lingerMs = 60_000;

interface Recent {
  readonly seq: number;
  readonly topic: string;
  readonly text: string;
}

/** Those who listen to one tenant, and what was last said there. */
interface Room {
  readonly streams: Set<Stream>;
  readonly recent: Recent[];
  readonly joined: Promise<void>;
  /** Nothing up to here can be told again. */
  forgotten: number;
  emptyTimer?: NodeJS.Timeout | undefined;
}

/** Hands on what is announced to the streams of this process. */
export class Hub {
  readonly #options: HubOptions;
  readonly #rooms = new Map<string, Room>();
  /** A position is worth something only where it was given out. */
  readonly #name = randomBytes(6).toString("base64url");
  #seq = 0;
  #count = 0;
  readonly #callers = new Map<string, number>();
  #ended: string | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  hears(tenantId: string): boolean {
    return this.#rooms.has(tenantId);
  }

  /** Whose limit is reached. */
  fullFor({ tenantId, caller }: Pick<StreamTerms, "tenantId" | "caller">) {
    const { perCaller, perTenant } = this.#options;
    if (this.#count >= streamsMax) return "server";
    if ((this.#callers.get(tenantId) ?? 0) >= perTenant) return "tenant";
    return (this.#callers.get(caller) ?? 0) >= perCaller ? "caller" : undefined;
  }

  /** Resolves when the stream is over. */
  async open(res: ServerResponse, terms: StreamTerms): Promise<void> {
    const room = this.#enter(terms);
    try {
      await room.joined;
      const stream = await Stream.open(res, terms);
      if (!stream) return;
      this.#begin(room, stream);
      room.streams.add(stream);
      // A browser that is refused does not come back; one that is sent away does.
      if (this.#ended !== undefined) stream.end(this.#ended, this.#position());
      await stream.closed;
      room.streams.delete(stream);
    } finally {
      this.#leave(room, terms);
    }
  }

  deliver(news: readonly News[]): void {
    for (const one of news) {
      const room = this.#rooms.get(one.tenantId);
      if (!room) continue;
      if (one.kind === "change") this.#change(room, one);
      else {
        const [name = ""] = one.topic.split(":");
        for (const stream of listeners(room, one.topic)) {
          stream.stand(name, this.#position(), one.text);
        }
      }
    }
  }

  /** Something may have passed unheard: who listens, or comes back later, has to look for himself. */
  gap(reason: string): void {
    this.#seq++;
    for (const room of this.#rooms.values()) {
      room.recent.length = 0;
      room.forgotten = this.#seq;
      for (const stream of room.streams) this.#gap(stream, reason);
    }
  }

  /** Called twice a second. */
  look(): void {
    const now = performance.now();
    for (const { streams } of this.#rooms.values()) {
      for (const stream of streams) {
        if (stream.isReadyForGap()) this.#gap(stream, "SLOW");
        if (now >= stream.terms.endsAt) stream.end("TIME", this.#position());
        else void this.#askAgain(stream);
      }
    }
  }

  /** Also those who come from now on. */
  end(reason: string): void {
    this.#ended = reason;
    for (const { streams } of this.#rooms.values()) {
      for (const stream of streams) stream.end(reason, this.#position());
    }
  }

  close(): void {
    for (const room of this.#rooms.values()) clearTimeout(room.emptyTimer);
    this.#rooms.clear();
  }

  #enter({ tenantId, caller }: StreamTerms): Room {
    const room = this.#rooms.get(tenantId) ?? this.#openRoom(tenantId);
    clearTimeout(room.emptyTimer);
    this.#add(1, [tenantId, caller]);
    return room;
  }

  #leave(room: Room, { tenantId, caller }: StreamTerms): void {
    this.#add(-1, [tenantId, caller]);
    if (this.#callers.has(tenantId)) return;
    room.emptyTimer = setTimeout(() => {
      this.#rooms.delete(tenantId);
      this.#options.leave(tenantId);
    }, lingerMs);
    room.emptyTimer.unref();
  }

  #openRoom(tenantId: string): Room {
    const joined = this.#options.join(tenantId);
    const room: Room = { streams: new Set(), recent: [], joined, forgotten: ++this.#seq };
    this.#rooms.set(tenantId, room);
    return room;
  }

  #add(more: 1 | -1, subjects: readonly string[]): void {
    this.#count += more;
    this.#options.metrics.streamsOpen.set(this.#count);
    for (const subject of subjects) {
      const count = (this.#callers.get(subject) ?? 0) + more;
      if (count === 0) this.#callers.delete(subject);
      else this.#callers.set(subject, count);
    }
  }

  /** Where it stands, and what it has missed since it was last here. */
  #begin({ recent, forgotten }: Room, stream: Stream): void {
    const { topics, lastEventId } = stream.terms;
    stream.change("open", this.#position(), JSON.stringify({ topics: [...topics] }));
    if (lastEventId === undefined) return;
    const [name, seq] = lastEventId.split(".");
    const since = name === this.#name && /^\d{1,15}$/.test(seq ?? "") ? Number(seq) : -1;
    if (since < forgotten || since > this.#seq) {
      this.#gap(stream, "TOO_LONG_AGO");
      return;
    }
    for (const one of recent.filter(({ seq: at }) => at > since)) {
      if (topics.has(one.topic)) this.#tell(stream, one);
    }
  }

  #change(room: Room, { topic, ids, more }: Change): void {
    const one = { seq: ++this.#seq, topic, text: JSON.stringify({ ids, more }) };
    room.recent.push(one);
    if (room.recent.length > recentMax) room.forgotten = room.recent.shift()?.seq ?? this.#seq;
    for (const stream of listeners(room, topic)) this.#tell(stream, one);
  }

  #tell(stream: Stream, { topic, seq, text }: Recent): void {
    const isTold = stream.change(topic, this.#position(seq), text);
    this.#options.metrics.streamEvents.inc({ result: isTold ? "sent" : "dropped" });
  }

  #gap(stream: Stream, reason: string): void {
    this.#options.metrics.streamGaps.inc({ reason });
    stream.change("gap", this.#position(), JSON.stringify({ reason }));
  }

  async #askAgain(stream: Stream): Promise<void> {
    const refusal = await stream.askAgain();
    if (refusal !== undefined) stream.end(refusal, this.#position());
  }

  #position(seq = this.#seq): string {
    return `${this.#name}.${seq}`;
  }
}

function listeners({ streams }: Room, topic: string): Stream[] {
  return [...streams].filter(({ terms }) => terms.topics.has(topic));
}
