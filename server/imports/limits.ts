/** What fits into a row of the database, on any engine. */
export const pieceMax = 524_288;
/** Of one request: four pieces in one transaction. */
export const uploadBytesMax = 4 * pieceMax;
export const fileBytesMax = 64 * 1024 * 1024;
export const rowsMax = 500_000;
