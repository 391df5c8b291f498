import { isKeyId } from "../auth/api-key.ts";
import type { ApiKey } from "../auth/key-rows.ts";
import { findKey } from "../auth/keys.ts";
import type { Db } from "../db/open.ts";
import { listTenants } from "../tenants/store.ts";
import { UsageError, type Option, type Values } from "./command.ts";
import { secondsIn } from "./lasting.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function required(values: Values, option: string): string {
  const text = values[option];
  if (typeof text === "string") return text;
  throw new UsageError(`--${option} is missing.`);
}

/** The values of an option that takes several, with commas between. */
export function listed(values: Values, option: string): string[] | undefined {
  const text = values[option];
  return typeof text === "string" ? text.split(",").map((part) => part.trim()) : undefined;
}

/** A moment to come: in `90d`, or at `2027-01-31T00:00:00Z`. */
export function soon(values: Values, option: string, nowMs = Date.now()): number | undefined {
  const text = values[option];
  if (typeof text !== "string") return undefined;
  const seconds = secondsIn(text);
  if (seconds !== undefined) return nowMs + seconds * 1_000;
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const atMs = at ? Date.parse(text) : NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw new UsageError(
    `--${option} must be as in 90d, 12h or 2027-01-31T00:00:00Z, not "${text}".`,
  );
}

export const whose: Readonly<Record<string, Option>> = {
  tenant: { value: "ID", says: "The tenant that it is about." },
  organisation: { value: "NAME", says: "Or the organisation, if it is the only one of that name." },
  mode: { value: "MODE", says: "Of an organisation: live or test.", fallback: "test" },
};

/** Whose keys a command is about: a tenant by its id, or by its organisation's name and a mode. */
export type Whose =
  | { readonly tenantId: string }
  | { readonly organisation: string; readonly mode: "live" | "test" };

export function whoseKeys({ tenant, organisation, mode }: Values): Whose {
  if (typeof tenant === "string" && organisation === undefined) {
    if (mode !== undefined) throw new UsageError("A tenant has a mode already: leave --mode away.");
    if (uuid.test(tenant)) return { tenantId: tenant.toLowerCase() };
    throw new UsageError(`--tenant must be a tenant's id (a uuid), not "${tenant}".`);
  }
  if (typeof organisation !== "string" || tenant !== undefined) {
    throw new UsageError("Say whose keys: --tenant ID or --organisation NAME, one of them.");
  }
  const wanted = mode ?? "test";
  if (wanted === "live" || wanted === "test") return { organisation, mode: wanted };
  throw new UsageError(`--mode must be live or test, not "${wanted}".`);
}

export async function tenantOf(db: Db, whose: Whose): Promise<string> {
  if ("tenantId" in whose) return whose.tenantId;
  const { organisation, mode } = whose;
  const named = await listTenants(db, { organisation });
  const ids = named.filter((one) => one.mode === mode).map(({ tenantId }) => tenantId);
  const [only, ...more] = ids;
  if (only === undefined) {
    throw new Error(`There is no organisation "${organisation}": see zerorace tenants list.`);
  }
  if (more.length === 0) return only;
  throw new Error(
    `Several organisations are called "${organisation}": use --tenant, one of ${ids.join(", ")}.`,
  );
}

/** Never echoes what was given: it may be a whole key, by mistake. */
export function keyIdIn(values: Values): string {
  const keyId = required(values, "key");
  if (isKeyId(keyId)) return keyId;
  throw new UsageError(
    "--key takes the key's id only, the 22 characters after zr_live_ or zr_test_, never the " +
      "secret: zerorace keys list shows it.",
  );
}

export async function keyNamed(db: Db, keyId: string): Promise<ApiKey> {
  const found = await findKey(db, keyId);
  if (found) return found;
  throw new Error(`There is no key ${keyId}: see zerorace keys list.`);
}

/** A refusal as the end of a command: 2 where the command line is wrong, else 1. */
export function refusal({ code, says }: { code: string; says: string }): Error {
  return code === "INVALID_COMMAND" ? new UsageError(says) : new Error(says);
}
