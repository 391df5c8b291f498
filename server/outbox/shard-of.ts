/** The last digit of an id is random, whatever its version. */
export const shardOf = (id: string): number => Number.parseInt(id.slice(-1), 16);
