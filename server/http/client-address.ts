import type { IncomingMessage } from "node:http";
import { membersOf, plainAddress, type Network } from "../base/address.ts";

/**
 * Who a request comes from. X-Forwarded-For is believed as far as trusted proxies wrote it: read from
 * its end, where the nearest one added whom it had before it, to the first address that is no proxy of
 * ours. What stands before that may be made up by anybody. `Forwarded` is not read at all: a proxy
 * that writes the one header passes on the other as the client sent it.
 */
export function addressReader(
  trusted: readonly Network[] | undefined,
): (req: Pick<IncomingMessage, "socket" | "headers">) => string {
  const isTrusted = membersOf(trusted ?? []);
  const peerOf = (req: Pick<IncomingMessage, "socket">): string =>
    plainAddress(req.socket.remoteAddress ?? "") ?? "";
  if (trusted === undefined) return peerOf;
  return (req) => {
    let client = peerOf(req);
    const field = req.headers["x-forwarded-for"] ?? [];
    const hops = (Array.isArray(field) ? field : [field]).join(",").split(",");
    while (client !== "" && isTrusted(client)) {
      const before = addressIn(hops.pop());
      if (before === undefined) break;
      client = before;
    }
    return client;
  };
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressIn(hop = ""): string | undefined {
  const text = hop.trim();
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? [];
  const [, dotted] = /^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  return plainAddress(bracketed ?? dotted ?? text);
}
