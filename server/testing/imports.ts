import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { addParts } from "../imports/parts.ts";
import { insertImport } from "../imports/store.ts";
import { workOnImports } from "../imports/work.ts";
import { tellsNobody } from "../live/announce.ts";
import type { Shop } from "./factories.ts";

const text = "sku,name,price,stock,currency,merchantId\n";

/** A file of one good row, as far on its way as it is asked for. */
export async function makeImport(
  db: Db,
  { tenantId, merchantId }: Pick<Shop, "tenantId" | "merchantId">,
  state: "uploading" | "checked" | "done",
): Promise<string> {
  const importId = db.dialect.newId();
  const bytes = Buffer.from(`${text}${importId},a thing,1.00,1,USD,${merchantId}\n`);
  const columns = {
    sku: "sku",
    name: "name",
    price: "price",
    stock: "stock",
    currency: "currency",
  };
  const mapping = JSON.stringify({ ...columns, merchantId: "merchantId" });
  const actor = { kind: "command", id: "test" };
  await transact(db, "make_import", async (tx) => {
    await insertImport(tx, { importId, tenantId, kind: "items", fileName: "a.csv", actor });
    await addParts(tx, { importId, tenantId, at: 0, bytes });
    if (state === "uploading") return;
    await tx.write(
      sql`update imports
             set state = ${state === "checked" ? "checked" : "importing"}, delimiter = ',',
                 columns = ${mapping}, fixed = '{}', bytes_checked = bytes, rows_checked = 1,
                 rows_good = 1, started_at = ${state === "checked" ? null : new Date()}
           where import_id = ${importId}`,
      1,
    );
  });
  if (state === "done") await workOn(db);
  return importId;
}

/** What a worker does in its rounds, until nothing is left to do. */
export async function workOn(db: Db): Promise<number> {
  return workOnImports({ db, tells: tellsNobody }, new AbortController().signal);
}

type OfImports = Readonly<Record<"importId" | "checkedImportId" | "doneImportId", string>>;
const one = (body?: object) => () => ({ id: "importId", ...(body && { body }) }) as const;

/** What the owner of imports would send with success, by route. */
export const importExamples = {
  "post /v1/imports": () => ({ body: { kind: "items", fileName: "a.csv" } }),
  "get /v1/imports": () => ({}),
  "get /v1/imports/:id": one(),
  "post /v1/imports/:id/parts": ({ importId, merchantId }: OfImports & { merchantId: string }) =>
    ({
      id: "importId",
      query: "?at=0",
      file: `${text}${importId},a thing,1.00,1,USD,${merchantId}\n`,
    }) as const,
  "get /v1/imports/:id/preview": one(),
  "post /v1/imports/:id/check": one({}),
  "post /v1/imports/:id/start": () => ({ id: "checkedImportId", body: {} }) as const,
  "post /v1/imports/:id/cancel": one({}),
  "post /v1/imports/:id/undo": () => ({ id: "doneImportId", body: {} }) as const,
  "get /v1/imports/:id/faults": one(),
  "get /v1/imports/:id/rows": one(),
};
