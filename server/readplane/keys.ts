/** How things are found in the one table: `pk` says what, `sk` which part of it. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A copy of something in the books. Of two the one with the higher version is newer. */
export interface Doc extends Key {
  readonly version: bigint;
  /** As readers get it. */
  readonly view: object;
}

export const purchaseKey = (id: string): Key => ({ pk: `purchase#${id}`, sk: "-" });
export const itemKey = (id: string): Key => ({ pk: `item#${id}`, sk: "-" });
export const mandateKey = (id: string): Key => ({ pk: `mandate#${id}`, sk: "-" });

/** The sums of a merchant or a tenant: one row a currency, so that one query has them all. */
export const totalsKey = (ownerId: string, currency: string): Key => ({
  pk: `totals#${ownerId}`,
  sk: currency,
});

export const watermarkKey: Key = { pk: "watermark", sk: "-" };

export const nameOf = ({ pk, sk }: Key): string => `${pk}/${sk}`;
