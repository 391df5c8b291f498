import { randomUUID } from "node:crypto";
import { createKey } from "../server/auth/keys.ts";
import { pressHttp, type HttpRate } from "./http-clients.ts";
import { startBenchServer, type BenchServer } from "./http-server.ts";
import { even, zipf } from "./press.ts";
import { row } from "./row.ts";
import { openShop, type Shop, type ShopOptions, type Stage } from "./stage.ts";
import { benchTextbook, mandates } from "./textbook.ts";

/** As many asks in one request as commit-many takes. */
const manyAsks = 500;

type Draw = <T>(list: readonly T[]) => T;
type Requests = (shop: Shop, server: BenchServer) => Promise<() => string>;

/** The commit route as agents have it: over HTTP on loopback, with keys, checks and limits. */
export async function benchHttp(stage: Stage, seconds: number): Promise<string> {
  const best = await benchTextbook(stage, seconds);
  await using server = await startBenchServer(stage.postgres.url);
  const phase = async (
    name: string,
    shopOptions: ShopOptions,
    requests: Requests,
    { connections, asks = 1 }: { readonly connections: number; readonly asks?: number },
  ): Promise<number> => {
    const shop = await openShop(stage.db, shopOptions);
    const next = await requests(shop, server);
    await stage.db.pool.query("checkpoint");
    const measured = await pressHttp(server, next, { connections, seconds });
    const perSecond = measured.requestsPerSecond * asks;
    row(name, perSecond, `${(perSecond / best).toFixed(1)} × textbook, ${timesOf(measured)}`);
    if (measured.refused > 0) throw new Error(`${measured.refused} answers were not 2xx`);
    return perSecond;
  };

  const single = singleRoute(stage, even);
  const http64 = await phase("http64", { mandates }, single, { connections: 64 });
  const http256 = await phase("http256", { mandates }, single, { connections: 256 });
  const crowd = { items: 1_000, mandates: 10_000 };
  const many = await phase("many", crowd, singleRoute(stage, zipf), { connections: 256 });
  const inOne = { connections: 4, asks: manyAsks };
  const commitMany = await phase("commit-many", { mandates }, manyRoute(stage, even), inOne);
  console.log(
    `commit-many: ${(commitMany / http256).toFixed(1)} × the single route at 256 connections; 0 answers were not 2xx`,
  );
  return (
    `bench: http64=${Math.round(http64)} http256=${Math.round(http256)} many=${Math.round(many)}` +
    ` pgbench=${Math.round(best)} ratioHttp=${(http256 / best).toFixed(1)}` +
    ` ratioMany=${(many / best).toFixed(1)}`
  );
}

function timesOf({ latency }: HttpRate): string {
  const [p50, p99] = [latency.quantile(0.5).toFixed(1), latency.quantile(0.99).toFixed(1)];
  return `p50 ${p50} ms, p99 ${p99} ms`;
}

export function singleRoute(stage: Stage, draw: Draw): Requests {
  return async (shop, server) => {
    const head = await headOf(stage, shop, server, "/v1/purchases/commit");
    return () => {
      const body = `{${fieldsOf(shop, draw)}}`;
      return `${head}Idempotency-Key: ${randomUUID()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    };
  };
}

function manyRoute(stage: Stage, draw: Draw): Requests {
  return async (shop, server) => {
    const head = await headOf(stage, shop, server, "/v1/purchases/commit-many");
    return () => {
      const asks = Array.from(
        { length: manyAsks },
        () => `{"idempotencyKey":"${randomUUID()}",${fieldsOf(shop, draw)}}`,
      );
      const body = `{"asks":[${asks.join()}]}`;
      return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
    };
  };
}

async function headOf(
  { db }: Stage,
  { tenantId }: Shop,
  { hostname, port }: BenchServer,
  path: string,
): Promise<string> {
  const terms = { tenantId, name: "bench", scopes: ["purchases:write"] };
  const made = await createKey(db, terms, { actor: { kind: "system", id: "bench" } });
  if (made.kind !== "done") throw new Error(made.says);
  return (
    `POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${made.apiKey}\r\n` +
    "Content-Type: application/json\r\n"
  );
}

function fieldsOf({ merchantId, itemIds, mandateIds, priceMinor }: Shop, draw: Draw): string {
  return (
    `"merchantId":"${merchantId}","mandateId":"${draw(mandateIds)}","itemId":"${draw(itemIds)}",` +
    `"agentId":"agent","quantity":1,"amountMinor":${priceMinor},"currency":"USD"`
  );
}
