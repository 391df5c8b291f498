import { describe, expect, it } from "vitest";
import { hostGuard } from "./allowed-host.ts";

const local = hostGuard({ host: "127.0.0.1", allowedHosts: undefined });
const open = hostGuard({ host: "0.0.0.0", allowedHosts: undefined });
const named = hostGuard({ host: "0.0.0.0", allowedHosts: ["Shop.example", "203.0.113.5"] });
const namedLocal = hostGuard({ host: "::1", allowedHosts: ["shop.example"] });

describe("a server on a loopback address without a list", () => {
  it.each([
    ["localhost", true],
    ["localhost:8080", true],
    ["LOCALHOST.:8080", true],
    ["127.0.0.1:8080", true],
    ["127.1.2.3", true],
    ["[::1]:8080", true],
    ["shop.localhost:1", true],
    [undefined, true],
    ["evil.example", false],
    ["127.0.0.1.evil.example", false],
    ["localhost.evil.example:8080", false],
    ["evil.example:127.0.0.1", false],
    ["", false],
    ["10.0.0.1", false],
    ["[2001:db8::1]", false],
  ])("by %s: %s", (host, expected) => expect(local(host, "/v1/items")).toBe(expected));

  it("takes the names of the list as well", () => {
    expect(["shop.example", "localhost", "x"].map((host) => namedLocal(host, "/"))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("a server with a list", () => {
  it.each([
    ["shop.example", true],
    ["SHOP.EXAMPLE.:443", true],
    ["203.0.113.5:8080", true],
    [undefined, true],
    ["localhost", false],
    ["evil.example", false],
    ["shop.example.evil.example", false],
  ])("by %s: %s", (host, expected) => expect(named(host, "/v1/items")).toBe(expected));

  it("answers probes by any name", () => {
    expect([named("10.1.2.3:8080", "/livez"), named("x", "/readyz")]).toEqual([true, true]);
    expect(named("x", "/livez/more")).toBe(false);
  });
});

it("a server on all addresses without a list takes any name", () => {
  expect(open("evil.example", "/")).toBe(true);
});
