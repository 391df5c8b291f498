import { expect, it } from "vitest";
import { isGoodFor, makeCertificate } from "./certificate.ts";

it("a certificate of an earlier start serves again for its names, with its own key only", () => {
  const { cert, key } = makeCertificate(["cluster.dsql.local", "127.0.0.1"]);
  expect(isGoodFor("cluster.dsql.local", cert, key)).toBe(true);
  expect(isGoodFor("127.0.0.1", cert, key)).toBe(true);
  expect(isGoodFor("other.dsql.local", cert, key)).toBe(false);
  expect(isGoodFor("cluster.dsql.local", cert, makeCertificate(["x"]).key)).toBe(false);
  expect(isGoodFor("cluster.dsql.local", cert, "")).toBe(false);
  expect(isGoodFor("cluster.dsql.local", "half a file", key)).toBe(false);
});
