import type { Alert } from "../alert.ts";

type Shown = Alert["test"]["fires"];

export const slowQuantile = (name: string, share: number, limit: number, selector = ""): string =>
  `histogram_quantile(${share}, sum by (le) (rate(${name}_bucket${selector}[5m]))) > ${limit}`;

/** A histogram of which all is below or above a bucket's edge. */
export const observed = (name: string, edge: string, isAbove: boolean, labels = ""): Shown => [
  [`${name}_bucket{${labels}le="${edge}"}`, isAbove ? "0x60" : "0+100x60"],
  [`${name}_bucket{${labels}le="5"}`, "0+100x60"],
  [`${name}_bucket{${labels}le="+Inf"}`, "0+100x60"],
];

/** A gauge that is so for an hour. */
export const gauge = (series: string, value: number): Shown => [[series, `${value}x60`]];
