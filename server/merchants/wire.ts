import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { words } from "../http/shapes.ts";
import type { Merchant } from "./store.ts";

/** The bodies and answers of /v1/merchants. */

export const merchantBody = z.strictObject({ name: words(200) });

export type MerchantBody = z.input<typeof merchantBody>;

export interface MerchantView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

export function merchantView({ merchantId, name, createdAt }: Merchant): MerchantView {
  return { id: merchantId, name, createdAt: rfc3339(createdAt) };
}
