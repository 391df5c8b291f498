import { describe, expect, it } from "vitest";
import { checkToken, type Presented } from "./tokens.ts";

const host = "abc.dsql.us-east-1.on.aws";
// Made by AWS's own signer, with the example credentials of its documentation.
const common =
  "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Fus-east-1%2Fdsql%2Faws4_request";
const rest = "&X-Amz-Expires=900&X-Amz-Security-Token=a%2Bb%2Fc%3D%3D";
const plain = `${host}/?Action=DbConnect${common}&X-Amz-Date=20261121T111353Z${rest}&X-Amz-Signature=527d7308b31f5751386b2d7b01df1ce24113e04130aa93d33e54e850533c8a1c&X-Amz-SignedHeaders=host`;
const forAdmin = `${host}/?Action=DbConnectAdmin${common}&X-Amz-Date=20261121T111354Z${rest}&X-Amz-Signature=fdd31097805d85243113be07a0c0772e6b8d079d43209e904481599e590fdb20&X-Amz-SignedHeaders=host`;

const valid: Presented = {
  user: "shop",
  token: plain,
  host,
  now: new Date("2026-11-21T11:20:00Z"),
  secrets: new Map([["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"]]),
};
const denied = { sqlstate: "28000", message: "unable to accept connection, access denied" };

describe("a token", () => {
  it("of AWS's own signer is accepted, for a role and for admin", () => {
    expect(checkToken(valid)).toBeUndefined();
    expect(checkToken({ ...valid, user: "admin", token: forAdmin })).toBeUndefined();
  });

  it("fits its user only", () => {
    expect(checkToken({ ...valid, user: "admin" })).toEqual({
      sqlstate: "28000",
      message: "Wrong user to action mapping. user: admin, action: DbConnect",
    });
    expect(checkToken({ ...valid, token: forAdmin })?.message).toBe(
      "Wrong user to action mapping. user: shop, action: DbConnectAdmin",
    );
  });

  it("expires", () => {
    const late = checkToken({ ...valid, now: new Date("2026-11-21T11:28:54Z") });
    expect(late).toMatchObject(denied);
    expect(late?.hint).toBe(
      "Signature expired: 20261121T112853Z is now earlier than 20261121T112854Z",
    );
    expect(checkToken({ ...valid, now: new Date("2026-11-21T11:28:52Z") })).toBeUndefined();
  });

  it("is not yet one before it was signed, but for clocks that differ", () => {
    const early = checkToken({ ...valid, now: new Date("2026-11-21T11:08:00Z") });
    expect(early).toMatchObject(denied);
    expect(early?.hint).toMatch(/^Signature not yet current/);
    expect(checkToken({ ...valid, now: new Date("2026-11-21T11:09:00Z") })).toBeUndefined();
  });

  it.each([
    ["for another host", { host: "other.dsql.us-east-1.on.aws" }],
    ["that is a password", { token: "secret" }],
    ["that is empty", { token: "" }],
    ["whose signature was changed", { token: plain.replace("527d", "527e") }],
    ["whose lifetime was changed", { token: plain.replace("Expires=900", "Expires=9000") }],
    ["that lasts too long", { token: plain.replace("Expires=900", "Expires=604801") }],
    ["of a stranger", { secrets: new Map([["AKIDOTHER", "x"]]) }],
    ["for another service", { token: plain.replace("dsql%2Faws4", "rds-db%2Faws4") }],
    ["without a signature", { token: plain.replace(/&X-Amz-Signature=\w+/, "") }],
  ])("%s is denied", (_, change) => {
    expect(checkToken({ ...valid, ...change })).toEqual(denied);
  });

  it("is believed without a look at its signature when no secret is known", () => {
    const secrets = new Map<string, string>();
    expect(checkToken({ ...valid, secrets, token: plain.replace("527d", "527e") })).toBeUndefined();
  });
});
