import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import { expect, it } from "vitest";
import { networkOf, type Network } from "../base/address.ts";
import { addressReader } from "./client-address.ts";

const networks = (...texts: string[]): Network[] =>
  texts.map(networkOf).filter((one) => one !== undefined);

const proxies = networks("10.0.0.0/8", "fd00::/8");

function read(trusted: readonly Network[] | undefined, peer: string, forwarded?: string): string {
  const req = {
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  };
  return addressReader(trusted)(req as Pick<IncomingMessage, "socket" | "headers">);
}

const client = "203.0.113.5";

it.each([
  ["nobody is trusted", undefined, "10.0.0.1", client, "10.0.0.1"],
  ["no header", proxies, "10.0.0.1", undefined, "10.0.0.1"],
  ["a peer that is no proxy", proxies, "198.51.100.9", client, "198.51.100.9"],
  ["one proxy", proxies, "10.0.0.1", client, client],
  ["a proxy by IPv4 in IPv6", proxies, "::ffff:10.0.0.1", client, client],
  ["a client by IPv4 in IPv6", proxies, "10.0.0.1", `::ffff:${client}`, client],
  ["two proxies", proxies, "10.0.0.1", `${client}, 10.0.0.2`, client],
  ["what the client made up", proxies, "10.0.0.1", `1.1.1.1, 2.2.2.2, ${client}`, client],
  ["a made-up proxy of ours", proxies, "10.0.0.1", `1.1.1.1, 10.0.0.9, ${client}`, client],
  ["only proxies", proxies, "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ["a proxy over IPv6", proxies, "fd00::1", "2001:db8::5", "2001:db8::5"],
  ["a port", proxies, "10.0.0.1", `${client}:4711`, client],
  ["a port on IPv6", proxies, "10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"],
  ["brackets", proxies, "10.0.0.1", "[2001:db8::5]", "2001:db8::5"],
  ["no spaces", proxies, "10.0.0.1", `${client},10.0.0.2`, client],
  ["nonsense at the end", proxies, "10.0.0.1", `${client}, nonsense`, "10.0.0.1"],
  ["nonsense behind a proxy", proxies, "10.0.0.1", `${client}, unknown, 10.0.0.2`, "10.0.0.2"],
  ["an empty part", proxies, "10.0.0.1", `${client}, `, "10.0.0.1"],
  ["an empty header", proxies, "10.0.0.1", "", "10.0.0.1"],
  ["a list of nobody", [], "10.0.0.1", client, "10.0.0.1"],
])("%s", (_name, trusted, peer, forwarded, expected) => {
  expect(read(trusted, peer, forwarded)).toBe(expected);
});

it("Forwarded is not read: a proxy may pass on what a client made up in it", () => {
  const req = { socket: { remoteAddress: "10.0.0.1" }, headers: { forwarded: "for=1.1.1.1" } };
  const told = addressReader(proxies)(req as Pick<IncomingMessage, "socket" | "headers">);
  expect(told).toBe("10.0.0.1");
});

it("whatever a client sends ahead, it is known by the address that a proxy saw", () => {
  const made = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constant("10.0.0.7"));
  fc.assert(
    fc.property(fc.array(made), fc.nat({ max: 3 }), (ahead, more) => {
      const behind = Array.from({ length: more }, (_, index) => `10.0.0.${index + 2}`);
      const header = [...ahead, client, ...behind].join(", ");
      expect(read(proxies, "10.0.0.1", header)).toBe(client);
      expect(read(proxies, "198.51.100.9", header)).toBe("198.51.100.9");
    }),
  );
});
