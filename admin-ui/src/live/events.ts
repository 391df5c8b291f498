export type Topic =
  | "purchases"
  | "items"
  | "mandates"
  | "runs"
  | "merchants"
  | "keys"
  | "webhooks"
  | "requests"
  | "imports"
  | `run:${string}`;

/** What a screen hears. After a gap everything that is shown has to be read again. */
export type Heard =
  | {
      readonly kind: "changed";
      readonly topic: Topic;
      readonly ids: readonly string[];
      /** How many changes are not named. */
      readonly more: number;
    }
  | { readonly kind: "frame"; readonly topic: Topic; readonly frame: unknown }
  | { readonly kind: "gap"; readonly reason: string };

export type Listener = (heard: Heard) => void;

/** catching-up: on the way. stale: on the way for so long that what is shown may be old. */
export type LiveState = "off" | "catching-up" | "live" | "stale" | "offline" | "paused";

export interface ServerEvent {
  readonly name: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** The events in a stream of text, as they come; pings are left out. */
export async function* eventsIn(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

function parse(block: string): ServerEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1).replace(/^ /, ""));
  }
  const data = fields.get("data");
  if (data === undefined) return undefined;
  return { name: fields.get("event") ?? "message", id: fields.get("id"), data };
}
