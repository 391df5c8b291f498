import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { pageQuery, searchField } from "../http/list.ts";
import { id, listOf, time, words } from "../http/shapes.ts";
import type { Merchant } from "./store.ts";

/** The bodies and answers of /v1/merchants. */

const name = words(200).meta({ description: "As people see it." });

export const merchantBody = z
  .strictObject({ name })
  .meta({ id: "NewMerchant", examples: [{ name: "Lamps & Co" }] });

export type MerchantBody = z.input<typeof merchantBody>;

export const merchantView = z.object({ id, name: z.string(), createdAt: time }).meta({
  id: "Merchant",
  description: "Who sells.",
  examples: [
    {
      id: "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11",
      name: "Lamps & Co",
      createdAt: "2026-11-20T15:47:00.512Z",
    },
  ],
});

export type MerchantView = z.output<typeof merchantView>;

export const listQuery = pageQuery.extend({ search: searchField });

export const merchantList = listOf("MerchantList", merchantView);

export function viewOfMerchant({ merchantId, name, createdAt }: Merchant): MerchantView {
  return { id: merchantId, name, createdAt: rfc3339(createdAt) };
}
