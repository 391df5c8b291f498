import { isLoopback } from "../base/address.ts";
import type { Config } from "../base/config.ts";

/** Probes call by address, whatever names there are. */
const probes = new Set(["/livez", "/readyz"]);

/**
 * Whether a request may go by this Host. Without a list, a server on a loopback address takes only
 * loopback names: a web page whose name was made to point here stays outside.
 */
export function hostGuard({
  allowedHosts,
  host: boundTo,
}: Pick<Config, "allowedHosts" | "host">): (host: string | undefined, path: string) => boolean {
  const isLocal = isLoopback(boundTo);
  if (allowedHosts === undefined && !isLocal) return () => true;
  const allowed = new Set(allowedHosts?.map(nameIn));
  return (host, path) => {
    // HTTP/1.0, which no browser speaks.
    if (host === undefined || probes.has(path)) return true;
    const name = nameIn(host);
    return allowed.has(name) || (isLocal && (isLoopback(name) || name.endsWith(".localhost")));
  };
}

/** Without the port, the brackets, the root's dot; in small letters. */
function nameIn(host: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d*)?$/.exec(host) ?? [];
  if (bracketed !== undefined) return bracketed.toLowerCase();
  const isBareV6 = host.indexOf(":") !== host.lastIndexOf(":");
  const name = isBareV6 ? host : host.replace(/:\d*$/, "");
  return name.replace(/\.$/, "").toLowerCase();
}
