import { expect, it } from "vitest";
import { nearPath } from "./near-path.ts";

const templates = [
  "/v1/purchases",
  "/v1/purchases/commit",
  "/v1/purchases/:id",
  "/v1/purchases/:id/refunds",
  "/v1/mandates/:id/pause",
];

it.each([
  ["/v1/purchase", "/v1/purchases"],
  ["/v1/purchases/", "/v1/purchases"],
  ["/V1/Purchases", "/v1/purchases"],
  ["/v1/purchases/01a1ffbe-86be-7476-b48f-65d7b4f87a34/refund", "/v1/purchases/{id}/refunds"],
  ["/v1/mandate/42/pause", "/v1/mandates/{id}/pause"],
  ["/v1/charges", undefined],
  ["/v1/purchases/1/2/3", undefined],
  ["/purchases", undefined],
  [`/v1/purchases${"/".repeat(200)}`, undefined],
])("%s was meant to be %s", (path, meant) => {
  expect(nearPath(path, templates)).toBe(meant);
});
