/** A file of so many items; every hundredth row is bad. */
export function catalogueFile(merchantId: string, rows: number, prefix = "SKU"): string {
  const lines = ["SKU,Title,Price,Qty,Currency,Merchant"];
  for (let row = 1; row <= rows; row++) {
    const price = row % 100 === 0 ? "free" : `${row % 500}.${String(row % 100).padStart(2, "0")}`;
    lines.push(`${prefix}-${row},"Thing no. ${row}, boxed",${price},${row % 50},EUR,${merchantId}`);
  }
  return `${lines.join("\r\n")}\r\n`;
}
