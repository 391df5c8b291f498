import type { FanOut } from "../redis/fan-out.ts";

/** That these of a tenant's things changed: by name, for whoever hears it to look them up. */
export interface Change {
  readonly kind: "change";
  readonly tenantId: string;
  readonly topic: string;
  readonly ids: readonly string[];
  /** How many changes are not among the ids. */
  readonly more: number;
}

/** How something stands now. It replaces what was told before, so none of them is missed. */
export interface Stand {
  readonly kind: "stand";
  readonly tenantId: string;
  readonly topic: string;
  /** JSON. */
  readonly text: string;
}

export type News = Change | Stand;

/** Tells those who watch that something changed. Fire and forget: whoever must know reads the books. */
export interface Announcer {
  /** Without an id: something did, and there is no name for it. */
  change(tenantId: string, topic: string, id?: string): void;
  stand(tenantId: string, topic: string, now: object): void;
  /** What was gathered goes out; also done by itself ten times a second, and by `close`. */
  flush(): void;
  close(): void;
}

/** What those who notice a change need of it. */
export type Tells = Pick<Announcer, "change">;

/** Where nobody can hear anything. */
export const tellsNobody: Tells = { change: () => undefined };

export interface AnnouncerOptions {
  readonly flushMs?: number;
  readonly idsMax?: number;
  /** Whether anybody can hear of this tenant: what nobody hears is not gathered. */
  readonly isHeard?: (tenantId: string) => boolean;
}

interface Gathered {
  readonly ids: Set<string>;
  count: number;
}

/**
 * Gathers changes and hands them on ten times a second, a tenant's topic each as one piece with few
 * names: 20,000 sales a second are some pieces, and cost each sale a look into two maps.
 */
export function openAnnouncer(
  send: (tenantId: string, news: readonly News[]) => void,
  options: AnnouncerOptions = {},
): Announcer {
  const { flushMs = 100, idsMax = 50, isHeard = () => true } = options;
  let changes = new Map<string, Map<string, Gathered>>();
  let stands = new Map<string, Map<string, Stand>>();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const [changed, stood] = [changes, stands];
    changes = new Map();
    stands = new Map();
    for (const tenantId of new Set([...changed.keys(), ...stood.keys()])) {
      const topics = [...(changed.get(tenantId) ?? [])];
      const news = topics.map(([topic, { ids, count }]): News => {
        return { kind: "change", tenantId, topic, ids: [...ids], more: count - ids.size };
      });
      send(tenantId, [...news, ...(stood.get(tenantId)?.values() ?? [])]);
    }
  };
  const due = (): void => {
    timer ??= setTimeout(flush, flushMs);
    timer.unref();
  };
  return {
    change(tenantId, topic, id) {
      if (!isHeard(tenantId)) return;
      const topics = entryOf(changes, tenantId, () => new Map<string, Gathered>());
      const gathered = entryOf(topics, topic, () => ({ ids: new Set<string>(), count: 0 }));
      if (id === undefined) gathered.count++;
      else if (!gathered.ids.has(id)) {
        gathered.count++;
        if (gathered.ids.size < idsMax) gathered.ids.add(id);
      }
      due();
    },
    stand(tenantId, topic, now) {
      if (!isHeard(tenantId)) return;
      const text = JSON.stringify(now);
      const topics = entryOf(stands, tenantId, () => new Map<string, Stand>());
      topics.set(topic, { kind: "stand", tenantId, topic, text });
      due();
    },
    flush,
    close: flush,
  };
}

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const channelStart = "zr:live:";

export const channelOf = (tenantId: string): string => channelStart + tenantId;
export const tenantOf = (channel: string): string => channel.slice(channelStart.length);

/** For those who only tell, such as a worker; `from` is theirs, so that nobody hears himself. */
export function publishTo(fanOut: Pick<FanOut, "publish">, from: string) {
  return (tenantId: string, news: readonly News[]): void =>
    fanOut.publish(channelOf(tenantId), JSON.stringify({ from, news }));
}
