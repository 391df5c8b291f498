/** Of a histogram, over all processes: `by` are the labels that keep lines apart. */
export const quantile = (share: number, name: string, by = ""): string => {
  const labels = by === "" ? "le" : `le, ${by}`;
  return `histogram_quantile(${share}, sum by (${labels}) (rate(${name}_bucket[5m])))`;
};

export const rate = (name: string, by: string): string => `sum by (${by}) (rate(${name}[5m]))`;
