import { describe, expect, it } from "vitest";
import { membersOf, neighbourhoodOf, networkOf, plainAddress } from "./address.ts";

describe("an address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:c000:0201", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::1", "::1"],
    ["", undefined],
    ["unknown", undefined],
    ["_hidden", undefined],
    ["192.0.2", undefined],
    ["192.0.2.256", undefined],
    ["192.0.2.1:80", undefined],
    ["010.0.0.1", undefined],
  ])("%s is %s", (text, plain) => {
    expect(plainAddress(text)).toBe(plain);
  });

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8::ffff:1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", ""],
  ])("%s is counted as %s", (address, neighbourhood) => {
    expect(neighbourhoodOf(address)).toBe(neighbourhood);
  });
});

describe("a network", () => {
  it.each([
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "fd00::/129",
    "localhost",
    "",
    "10.0.0.0/8/8",
  ])("is not %s", (text) => expect(networkOf(text)).toBeUndefined());

  it("has members, of its own family only", () => {
    const networks = ["10.0.0.0/8", "192.0.2.7", "fd00::/8"].map((text) => networkOf(text));
    const isMember = membersOf(networks.filter((one) => one !== undefined));
    const told = ["10.1.2.3", "11.0.0.1", "192.0.2.7", "192.0.2.8", "fd12::1", "fe80::1", "::1"];
    expect(told.filter(isMember)).toEqual(["10.1.2.3", "192.0.2.7", "fd12::1"]);
  });
});
