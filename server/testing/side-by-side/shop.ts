import { randomUUID } from "node:crypto";
import type { Env } from "../../base/config.ts";
import { runOf } from "./processes.ts";
import type { Version } from "./versions.ts";
import type { Given } from "./buyers.ts";

/** A shop, and a key that buys there, made by nothing but a version's own commands and routes. */
export async function openShop(
  version: Version,
  env: Env,
  url: string,
): Promise<Pick<Given, "key" | "ask">> {
  const named = ["--name", "side by side", "--json"];
  const made = await commanded(version, ["tenants", "create", ...named], env);
  const scopes = "purchases:read,purchases:write,merchants:write,items:write,mandates:write";
  const whose = ["--tenant", String(made.testTenantId), "--scopes", scopes];
  const { apiKey } = await commanded(version, ["keys", "create", ...whose, ...named], env);
  const key = String(apiKey);
  const make = async (path: string, body: object): Promise<string> => {
    const reply = await fetch(`${url}${path}`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
        "Idempotency-Key": randomUUID(),
      },
      body: JSON.stringify(body),
    });
    const answer = (await reply.json()) as { id?: string };
    if (answer.id === undefined) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer.id;
  };
  const [currency, amountMinor] = ["USD", 100];
  const merchantId = await make("/v1/merchants", { name: "a merchant" });
  const sold = { currency, priceMinor: amountMinor, stock: 10_000_000 };
  const itemId = await make("/v1/items", { merchantId, sku: "lamp", name: "a lamp", ...sold });
  const mandateId = await make("/v1/mandates", { name: "x", currency, capMinor: 1_000_000_000 });
  const ask = { merchantId, mandateId, itemId, agentId: "agent", quantity: 1 };
  return { key, ask: { ...ask, amountMinor, currency } };
}

async function commanded(
  version: Version,
  args: readonly string[],
  env: Env,
): Promise<Readonly<Record<string, unknown>>> {
  const { code, out, err } = await runOf(version, args, env);
  if (code !== 0) throw new Error(`${version.name}: zerorace ${args.join(" ")}: ${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}
