import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Endpoint } from "./endpoint.ts";
import type { Injections } from "./injections.ts";

/**
 * What can be ordered while it runs: `POST /inject` with a line of `name=value` pairs, `POST /clear`,
 * `GET /status`, and `POST /cut/2`, `/crowd/2` or `/restore/2` for the second endpoint.
 */
export async function openControl(
  port: number,
  injections: Injections,
  endpoints: readonly Endpoint[],
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      response.statusCode = answer(`${request.method} ${request.url}`, body);
      response.end(`${response.statusCode === 400 ? complaint : injections.status()}\n`);
    });
  });
  let complaint = "";
  const answer = (route: string, body: string): number => {
    const [, verb, number] = /^POST \/(cut|crowd|restore)\/(\d+)$/.exec(route) ?? [];
    const endpoint = endpoints[Number(number) - 1];
    if (verb === "cut" && endpoint) endpoint.cut();
    else if (verb === "crowd" && endpoint) endpoint.crowd();
    else if (verb === "restore" && endpoint) endpoint.restore();
    else if (route === "POST /clear") injections.clear();
    else if (route === "POST /inject") {
      try {
        injections.add(body);
      } catch (error) {
        complaint = (error as Error).message;
        return 400;
      }
    } else if (route !== "GET /status") return 404;
    return 200;
  };
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}
