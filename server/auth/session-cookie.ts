import type { IncomingMessage } from "node:http";
import type { Config } from "../base/config.ts";

type Reach = Pick<Config, "secureCookies" | "host" | "publicUrl">;
type Terms = Reach & Pick<Config, "sessionHours">;

const loopback = /^(localhost|127\.|\[?::1\]?$)/;

/**
 * `__Host-` makes a browser take the cookie over TLS only, from this host only and for all its paths:
 * nobody can plant one. A server that only this machine reaches has no TLS, and browsers differ in
 * whether they would keep such a cookie for it.
 */
export function isSecure({ secureCookies, host, publicUrl }: Reach): boolean {
  if (secureCookies !== "auto") return secureCookies === "on";
  // In a container we listen on all addresses, and the public one says how far away people are.
  const at = publicUrl === undefined ? undefined : new URL(publicUrl);
  return at?.protocol === "https:" || !loopback.test(at?.hostname ?? host);
}

export function cookieNameOf(terms: Reach): string {
  return isSecure(terms) ? "__Host-zerorace-session" : "zerorace-session";
}

/** The token that a browser sends; none where it sends two, of which one may have been planted. */
export function readSessionCookie(
  { headers }: Pick<IncomingMessage, "headers">,
  terms: Reach,
): string | undefined {
  const { cookie } = headers;
  if (cookie === undefined) return undefined;
  const name = cookieNameOf(terms);
  const found = cookie.split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** The header that hands out a session, or takes it back. */
export function sessionCookie(terms: Terms, token: string | undefined): readonly string[] {
  const age = token === undefined ? 0 : terms.sessionHours * 3_600;
  const parts = [`${cookieNameOf(terms)}=${token ?? ""}`, "Path=/", `Max-Age=${age}`];
  if (isSecure(terms)) parts.push("Secure");
  return ["Set-Cookie", [...parts, "HttpOnly", "SameSite=Strict"].join("; ")];
}
