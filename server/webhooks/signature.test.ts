import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { newSecret, sign } from "./signature.ts";

it("signs the specification's example as it says", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  const at = new Date(1_614_265_330_000);
  const body = '{"test": 2432232314}';
  expect(sign([secret], { id, at, body })).toEqual({
    "webhook-id": id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it("signs as the public library does, whatever the secret and the body", () => {
  const at = new Date();
  for (const body of ["{}", '{"name":"Büro 🛒"}', "x".repeat(10_000)]) {
    const secret = newSecret();
    const ours = sign([secret], { id: "one", at, body });
    expect(ours["webhook-signature"]).toBe(new Webhook(secret).sign("one", at, body));
  }
});

it("draws secrets of 32 bytes, each another", () => {
  const secrets = Array.from({ length: 50 }, newSecret);
  expect(new Set(secrets).size).toBe(50);
  for (const secret of secrets) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});

it("is verified with either of two secrets, and with no other", () => {
  const [old, young] = [newSecret(), newSecret()];
  const body = '{"type":"webhook.test"}';
  const headers = { ...sign([young, old], { id: "one", at: new Date(), body }) };
  expect(new Webhook(old).verify(body, headers)).toEqual({ type: "webhook.test" });
  expect(new Webhook(young).verify(body, headers)).toEqual({ type: "webhook.test" });
  expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow();
  expect(() => new Webhook(old).verify(`${body} `, headers)).toThrow();
  expect(() => new Webhook(old).verify(body, { ...headers, "webhook-id": "two" })).toThrow();
});
