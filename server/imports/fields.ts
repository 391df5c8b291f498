/** What a column of a file may be, by kind of import. */

export const kinds = ["items", "mandates"] as const;
export type Kind = (typeof kinds)[number];

export interface Field {
  /** The property of POST /v1/items or /v1/mandates that it fills, or a name of its own for `decimalOf`. */
  readonly name: string;
  readonly title: string;
  readonly cell: "text" | "whole" | "list" | "decimal";
  readonly required?: true;
  /** An amount as people write it, 19.99, in place of this property in minor units. */
  readonly decimalOf?: string;
  readonly says: string;
  /** Headers, in small letters and digits, that are taken for it. */
  readonly known: readonly string[];
}

type More = Partial<Pick<Field, "required" | "decimalOf">> & { readonly known?: readonly string[] };

function field(
  name: string,
  title: string,
  cell: Field["cell"],
  says: string,
  { known = [], ...more }: More = {},
): Field {
  return { name, title, cell, says, known: [name.toLowerCase(), ...known], ...more };
}

const required = true;
const currency = field("currency", "Currency", "text", "ISO 4217, in capitals: EUR.", {
  required,
  known: ["currencycode", "iso4217"],
});
const buckets = (says: string) => field("buckets", "Buckets", "whole", says);

const itemFields: readonly Field[] = [
  field("sku", "SKU", "text", "The merchant's own name for it, once per merchant.", {
    required,
    known: ["skucode", "articlenumber", "itemnumber", "productcode", "variantsku", "code"],
  }),
  field("name", "Name", "text", "Up to 200 characters.", {
    required,
    known: ["title", "productname", "itemname", "product", "item", "description"],
  }),
  field("price", "Price, as 19.99", "decimal", "With a point, in the currency's own decimals.", {
    decimalOf: "priceMinor",
    known: ["unitprice", "retailprice", "amount"],
  }),
  field("priceMinor", "Price in minor units", "whole", "Of one unit: 1999 for 19.99.", {
    required,
    known: ["pricecents", "priceincents", "cents", "priceminorunits"],
  }),
  field("stock", "Stock", "whole", "Units to begin with.", {
    required,
    known: ["quantity", "qty", "inventory", "onhand", "units", "instock"],
  }),
  currency,
  field("merchantId", "Merchant's id", "text", "Who sells it.", {
    required,
    known: ["merchant", "seller", "vendor"],
  }),
  buckets("Slices of the stock: 8 when nothing is said, more for a crowd of buyers."),
];

const limit = (name: string, title: string, says: string) =>
  field(name, title, "whole", `${says} In minor units.`);

const mandateFields: readonly Field[] = [
  field("name", "Name", "text", "Up to 200 characters.", { required, known: ["mandate", "title"] }),
  field("cap", "Cap, as 1000.00", "decimal", "With a point, in the currency's own decimals.", {
    decimalOf: "capMinor",
    known: ["budget", "amount", "limit"],
  }),
  field(
    "capMinor",
    "Cap in minor units",
    "whole",
    "What may be spent in all: 100000 for 1000.00.",
    {
      required,
      known: ["capcents", "budgetminor"],
    },
  ),
  currency,
  field("agentId", "Agent's id", "text", "The one agent that may spend from it. Empty: any.", {
    known: ["agent"],
  }),
  limit("purchaseMaxMinor", "Most per purchase", "Of one purchase."),
  limit("dayLimitMinor", "Limit of a day", "Of a day."),
  limit("weekLimitMinor", "Limit of a week", "Of a week, from Monday."),
  limit("monthLimitMinor", "Limit of a month", "Of a month."),
  field("timeZone", "Time zone", "text", "IANA name, Europe/Paris. Empty: UTC.", {
    known: ["timezone", "tz"],
  }),
  field("startsAt", "Starts at", "text", "RFC 3339: 2027-01-01T00:00:00Z.", { known: ["start"] }),
  field("expiresAt", "Expires at", "text", "RFC 3339: 2027-01-01T00:00:00Z.", {
    known: ["end", "expires", "expiry"],
  }),
  field("allowedMerchants", "Allowed merchants", "list", "Ids with spaces between. Empty: any."),
  field("allowedItems", "Allowed items", "list", "Ids with spaces between. Empty: any."),
  field("duplicateWindowSeconds", "Duplicate window", "whole", "In seconds."),
  buckets("Slices of the money: 8 when nothing is said, more for many agents at once."),
];

const fieldsByKind: Readonly<Record<Kind, readonly Field[]>> = {
  items: itemFields,
  mandates: mandateFields,
};

export const fieldsOf = (kind: Kind): readonly Field[] => fieldsByKind[kind];

/** A column for each field that some header looks like, the exact ones first; each header once. */
export function guessColumns(kind: Kind, headers: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  const free = new Map(headers.map((header) => [plain(header), header] as const).toReversed());
  const take = (one: Field, known: readonly string[]): void => {
    const hit = known.find((name) => free.has(name));
    if (hit === undefined || Object.hasOwn(found, one.name)) return;
    found[one.name] = free.get(hit) ?? "";
    free.delete(hit);
  };
  for (const one of fieldsOf(kind)) take(one, one.known.slice(0, 1));
  for (const one of fieldsOf(kind)) take(one, one.known);
  return found;
}

const plain = (header: string): string => header.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
