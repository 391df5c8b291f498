import { describe, expect, it } from "vitest";
import { readConfig } from "../base/config.ts";
import { isCrossSite } from "./cross-site.ts";
import { cookieNameOf, readSessionCookie, sessionCookie } from "./session-cookie.ts";

const host = "shop.example:8080";

it.each([
  [{}, false],
  [{ "sec-fetch-site": "same-origin" }, false],
  [{ "sec-fetch-site": "none" }, false],
  [{ "sec-fetch-site": "same-site" }, true],
  [{ "sec-fetch-site": "cross-site" }, true],
  [{ "sec-fetch-site": "" }, true],
  [{ "sec-fetch-site": "same-origin, cross-site" }, true],
  [{ "sec-fetch-site": "cross-site", origin: `http://${host}` }, true],
  [{ "sec-fetch-site": "same-origin", origin: "https://evil.example" }, false],
  [{ origin: `http://${host}` }, false],
  [{ origin: `https://${host}` }, false],
  [{ origin: "http://SHOP.example:8080" }, false],
  [{ origin: "http://shop.example" }, true],
  [{ origin: "https://evil.example" }, true],
  [{ origin: `https://${host}.evil.example` }, true],
  [{ origin: "null" }, true],
  [{ origin: "" }, true],
])("a POST with %j is cross-site: %s", (headers, verdict) => {
  for (const method of ["POST", "DELETE", "PUT", "PATCH"]) {
    expect(isCrossSite({ method, headers: { host, ...headers } })).toBe(verdict);
  }
  expect(isCrossSite({ method: "GET", headers: { host, ...headers } })).toBe(false);
});

describe("the session's cookie", () => {
  const here = readConfig({});
  const beyond = readConfig({ ZERORACE_HOST: "0.0.0.0" });

  it("is read by no script, sent by no other site, and bound to this host beyond this machine", () => {
    expect(sessionCookie(beyond, "t")).toEqual([
      "Set-Cookie",
      "__Host-zerorace-session=t; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict",
    ]);
    expect(sessionCookie(here, undefined)[1]).toBe(
      "zerorace-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
    );
    expect(cookieNameOf({ ...here, secureCookies: "on" })).toMatch(/^__Host-/);
    expect(cookieNameOf({ ...beyond, secureCookies: "off" })).not.toMatch(/^__Host-/);
    for (const name of ["localhost", "127.0.0.1", "::1"]) {
      expect(cookieNameOf({ ...here, host: name })).toBe("zerorace-session");
      const publicUrl = `http://${name.includes(":") ? `[${name}]` : name}:8080`;
      expect(cookieNameOf({ ...beyond, publicUrl })).toBe("zerorace-session");
    }
    for (const publicUrl of ["https://shop.example", "https://localhost", "http://shop.example"]) {
      expect(cookieNameOf({ ...here, publicUrl })).toMatch(/^__Host-/);
    }
  });

  it.each([
    ["zerorace-session=a", "a"],
    ["x=1; zerorace-session=a ;y=2", "a"],
    ["zerorace-session=a=b", "a=b"],
    ["zerorace-session=a; zerorace-session=b", undefined],
    ["zerorace-session=a; zerorace-session=a", undefined],
    ["__Host-zerorace-session=a", undefined],
    ["Zerorace-session=a", undefined],
    ["zerorace-session", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("in %j is %j", (cookie, token) => {
    const headers = cookie === undefined ? {} : { cookie };
    expect(readSessionCookie({ headers }, here)).toBe(token);
  });
});
