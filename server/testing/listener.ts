import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { expect, onTestFinished } from "vitest";

/** An event as a browser would hand it over. */
export interface Heard {
  readonly name: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A client of the event stream, on a connection of its own. */
export interface Listener {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly heard: readonly Heard[];
  /** All bytes so far, for what is no event. */
  text(): string;
  /** Waits for one of this name, after those that were waited for before. */
  next(name: string, isIt?: (data: Heard["data"]) => boolean): Promise<Heard>;
  /** Reads nothing from now on, as a client that hangs. */
  pause(): void;
  resume(): void;
  /** Whether the connection is over, from whichever side. */
  isOver(): boolean;
  close(): void;
}

export async function listen(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Listener> {
  const request = get(url, { headers, agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  request.on("error", () => undefined);
  response.on("error", () => undefined);
  const heard: Heard[] = [];
  let text = "";
  let rest = "";
  let isOver = false;
  let at = 0;
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text = (text + chunk).slice(-1_000_000);
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) heard.push(...eventIn(block));
  });
  response.on("close", () => (isOver = true));
  const close = (): void => void request.destroy();
  onTestFinished(close);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    heard,
    text: () => text,
    async next(name, isIt = () => true) {
      const find = (): number =>
        heard.findIndex((one, place) => place >= at && one.name === name && isIt(one.data));
      const says = () => `no ${name} among ${JSON.stringify(heard.slice(at)).slice(0, 500)}`;
      await expect.poll(find, { timeout: 10_000, message: says() }).toBeGreaterThanOrEqual(0);
      at = find() + 1;
      return heard[at - 1] as Heard;
    },
    pause: () => response.socket.pause(),
    resume: () => response.socket.resume(),
    isOver: () => isOver,
    close,
  };
}

/** Nothing for a block of comments. */
function eventIn(block: string): Heard[] {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const [, name = "", value = ""] = /^(\w*):(.*)$/.exec(line) ?? [];
    if (name !== "") fields.set(name, value);
  }
  const data = fields.get("data");
  if (data === undefined) return [];
  const name = fields.get("event") ?? "message";
  return [{ name, id: fields.get("id") ?? "", data: JSON.parse(data) as Heard["data"] }];
}
