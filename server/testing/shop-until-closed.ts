import { request, type Agent } from "node:http";
import { commitBodyOf, type Store } from "./api.ts";

/** Buys on one connection after the other until it is told not to come back; a reset rejects. */
export async function shopUntilClosed(
  agent: Agent,
  url: string,
  store: Store,
  client: number,
): Promise<number[]> {
  const told: number[] = [];
  for (let count = 0; ; count++) {
    const { status, close } = await buy(agent, url, store, `${client}-${count}`);
    told.push(status);
    if (close) return told;
  }
}

async function buy(agent: Agent, url: string, { shop, key }: Store, idempotencyKey: string) {
  const headers = {
    Authorization: `Bearer ${key}`,
    "Idempotency-Key": idempotencyKey,
    "Content-Type": "application/json",
  };
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; close: boolean }>();
  request(`${url}/v1/purchases/commit`, { agent, method: "POST", headers }, (res) => {
    res.resume().on("end", () => {
      resolve({ status: res.statusCode ?? 0, close: res.headers.connection === "close" });
    });
  })
    .on("error", reject)
    .end(JSON.stringify(commitBodyOf(shop)));
  return promise;
}
