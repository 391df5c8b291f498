import { BlockList, isIP } from "node:net";

/** Printed as it was written. */
export interface Network {
  readonly address: string;
  readonly bits: number;
  toString(): string;
}

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** The same, as URL parsers write it. */
const mappedHex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;

/** One text for one address: IPv4 in IPv6 becomes IPv4, zones go. Undefined for what is none. */
export function plainAddress(text: string): string | undefined {
  const [address = ""] = text.split("%");
  const kind = isIP(address);
  if (kind === 0) return undefined;
  if (kind === 4) return address;
  const inner = mapped.exec(address)?.[1];
  if (inner !== undefined) return inner;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = mappedHex.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const [one, other] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 255, other >> 8, other & 255].join(".");
}

/**
 * Whom an address is counted as: itself, or the /64 it is in, because who has one IPv6 address has a
 * whole network of them.
 */
export function neighbourhoodOf(address: string): string {
  if (!address.includes(":")) return address;
  const [before = "", after] = address.split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array.from({ length: zeros }, () => "0"), ...tail];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

export function networkOf(text: string): Network | undefined {
  const [, host = "", bitsText] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const kind = isIP(host);
  if (kind === 0) return undefined;
  const most = kind === 4 ? 32 : 128;
  const bits = bitsText === undefined ? most : Number(bitsText);
  if (bits > most) return undefined;
  return { address: host, bits, toString: () => text };
}

/** Whether an address, as `plainAddress` writes it, is in one of the networks. */
export function membersOf(networks: readonly Network[]): (address: string) => boolean {
  const list = new BlockList();
  for (const { address, bits } of networks) list.addSubnet(address, bits, familyOf(address));
  return (address) => list.check(address, familyOf(address));
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");

const loopback = /^(127(\.\d{1,3}){3}|localhost|::1)$/;

/** A name or address that only this machine answers to. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}
