import type { Page } from "playwright-core";
import type { ImportView } from "../../server/imports/wire.ts";
import { workOn } from "../../server/testing/imports.ts";
import type { Stage } from "./harness.ts";
import { payload, sellingShop } from "./selling-shop.ts";

/** Imports in each of their states, made once a stage, in the test tenant. */
export interface ImportShop {
  readonly uploadedId: string;
  readonly cutOffId: string;
  readonly checkedId: string;
  readonly importingId: string;
  readonly doneId: string;
  readonly undoneId: string;
  readonly rejectedId: string;
}

const shops = new WeakMap<Stage, Promise<ImportShop>>();

export function importShop(stage: Stage): Promise<ImportShop> {
  const known = shops.get(stage) ?? makeShop(stage);
  shops.set(stage, known);
  return known;
}

const header = "SKU,Title,Price,Qty,Colour";
const lines = (prefix: string, count: number): string[] =>
  Array.from(
    { length: count },
    (_, at) => `${prefix}-${at},Thing no. ${at},${at + 1}.50,${at},red`,
  );

/** A file as the page sends it, in one piece. */
export async function uploadText(
  stage: Stage,
  { fileName, text, fileBytes }: { fileName: string; text: string; fileBytes?: number },
): Promise<string> {
  const { cookie } = await stage.claimed();
  const made = { kind: "items", fileName, ...(fileBytes !== undefined && { fileBytes }) };
  const { id } = await stage.call<ImportView>("POST", "/v1/imports", made);
  const response = await fetch(`${stage.url}/v1/imports/${id}/parts?at=0`, {
    method: "POST",
    headers: { Cookie: cookie, "Content-Type": "text/csv" },
    body: text,
  });
  if (!response.ok) throw new Error(await response.text());
  return id;
}

async function makeShop(stage: Stage): Promise<ImportShop> {
  const { merchantId } = await sellingShop(stage);
  const { db } = stage.api.database;
  const fixed = { currency: "EUR", merchantId };
  const act = (id: string, verb: string, body: object = {}) =>
    stage.call("POST", `/v1/imports/${id}/${verb}`, body);
  const upload = (fileName: string, rows: readonly string[]) =>
    uploadText(stage, { fileName, text: `${[header, ...rows].join("\n")}\n` });
  const done = async (fileName: string, prefix: string): Promise<string> => {
    const id = await upload(fileName, [...lines(prefix, 40), `${prefix}-bad,Odd,free,1,red`]);
    await act(id, "check", { fixed });
    await workOn(db);
    await act(id, "start", { skipBadRows: true });
    await workOn(db);
    return id;
  };
  const doneId = await done("spring-catalogue.csv", "SPRING");
  const undoneId = await done("wrong-prices.csv", "WRONG");
  const { data } = await stage.call<{ data: readonly { id: string }[] }>(
    "GET",
    `/v1/imports/${undoneId}/rows?limit=1`,
  );
  await stage.call("POST", `/v1/items/${data[0]?.id}/price`, { priceMinor: 100 });
  await act(undoneId, "undo");
  await workOn(db);
  const rejectedId = await upload("half.csv", ['A-1,"never closed,1.00,1,red']);
  await act(rejectedId, "check", { fixed });
  await workOn(db);
  const bad = [
    `XSS-7,${payload.replaceAll(",", "").replaceAll('"', "'")},1.00,-4,red`,
    "SPRING-1,There already,9.00,4,blue",
    "LONG-1,A name,12.345,1,red",
    ",No SKU,1.00,1,red",
    "SHORT-1,Only three,1.00",
  ];
  const checkedId = await upload("autumn catalogue, final (2).csv", [
    ...lines("AUTUMN", 60),
    ...bad,
  ]);
  const importingId = await upload("winter-catalogue.csv", lines("WINTER", 400));
  for (const id of [checkedId, importingId]) await act(id, "check", { fixed });
  await workOn(db);
  await act(importingId, "start");
  // As a worker would have left it that is gone.
  await db.pool.query(
    "update imports set rows_made = 170, next_row = 0, rows_per_second = 2150 where import_id = $1",
    [importingId],
  );
  const uploadedId = await upload("summer-catalogue.csv", lines("SUMMER", 30));
  const text = `${header}\n${lines("CUT", 50).join("\n")}`;
  const cutOffId = await uploadText(stage, { fileName: "cut-off.csv", text, fileBytes: 90_000 });
  return { uploadedId, cutOffId, checkedId, importingId, doneId, undoneId, rejectedId };
}

export async function isShown(page: Page, text: string): Promise<void> {
  await page.getByText(text).first().waitFor();
}
