import { BlockList, isIP } from "node:net";
import { membersOf, networkOf, plainAddress, type Network } from "../base/address.ts";

/** Where a webhook may go. `any` is for development: this machine, its network, plain HTTP. */
export type Targets = "public" | "any";

const networks = (...texts: string[]): Network[] => texts.flatMap((text) => networkOf(text) ?? []);

/** IPv4 that leads to this machine, its network, its cloud's metadata, or nowhere. */
const ownIPv4 = membersOf(
  networks(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
  ),
);

/** Of IPv6 only what is handed out to the world, without the parts of it that stand for IPv4. */
const worldIPv6 = new BlockList();
worldIPv6.addSubnet("2000::", 3, "ipv6");
const ownIPv6 = membersOf(networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"));

export function isPublicAddress(text: string): boolean {
  const address = plainAddress(text);
  if (address === undefined) return false;
  if (isIP(address) === 4) return !ownIPv4(address);
  return worldIPv6.check(address, "ipv6") && !ownIPv6(address);
}

/** The host without the brackets that a URL puts around IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

const ownNames = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|test|invalid|onion|arpa)$/;
const portsOfTheWorld = new Set(["", "443", "8443"]);
const lengthMax = 2_000;

/**
 * Completes "url …" when a webhook cannot be sent there. URL parsers have made one form of an address's
 * many by then: decimal, octal and hexadecimal numbers, digits in circles, mapped IPv4.
 */
export function faultOfTarget(text: string, targets: Targets): string | undefined {
  const url = URL.parse(text);
  if (!url || text.length > lengthMax) return "must be an absolute URL";
  const schemes = targets === "any" ? ["https:", "http:"] : ["https:"];
  if (!schemes.includes(url.protocol)) return "must begin with https://";
  if (url.username !== "" || url.password !== "") return "must hold no user and no password";
  if (url.hash !== "") return "must hold no #fragment";
  if (targets === "any") return undefined;
  const host = hostOf(url);
  if (isIP(host) > 0) {
    return isPublicAddress(host) ? faultOfPort(url) : "must lead to a public address";
  }
  const name = host.replace(/\.$/, "");
  const isOwn = !name.includes(".") || ownNames.test(name);
  return isOwn ? "must lead to a public name" : faultOfPort(url);
}

function faultOfPort({ port }: URL): string | undefined {
  return portsOfTheWorld.has(port) ? undefined : "must use the port 443 or 8443";
}
