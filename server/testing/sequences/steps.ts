import fc from "fast-check";
import * as request from "./request.ts";
import type { Spoil, Who } from "./request.ts";

/** What chance decides of a request: small numbers, so that a counterexample shrinks to plain ones. */
export interface Step {
  readonly does: request.Verb | "again";
  readonly who: Who;
  readonly spoil: Spoil;
  readonly merchant: number;
  readonly item: number;
  readonly mandate: number;
  readonly subject: number;
  readonly key: number;
  readonly units: number;
  /** How far the amount is from the price. */
  readonly off: number;
  /** Whatever else there is to choose. */
  readonly n: number;
}

export type Move = Step | { readonly atOnce: readonly Step[] } | { readonly lapses: number };

export interface Sequence {
  /** The item and the mandate that there are from the start. */
  readonly opening: readonly [Step, Step];
  readonly moves: readonly Move[];
}

export const noSuch = -1;
export const strange = -2;

type Weighed<T> = readonly (readonly [weight: number, value: T])[];

/** The first is what a counterexample shrinks to. */
function mostly<T>(choices: Weighed<T>): fc.Arbitrary<T> {
  const all = choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) }));
  return fc.oneof({ withCrossShrink: true }, ...all);
}

/** One of what there is, seldom something that is not there or another tenant's. */
const pick = fc.oneof(
  { withCrossShrink: true },
  { weight: 40, arbitrary: fc.nat(3) },
  { weight: 1, arbitrary: fc.constant(noSuch) },
  { weight: 1, arbitrary: fc.constant(strange) },
);

const each = <V extends Step["does"]>(weight: number, verbs: readonly V[]) =>
  verbs.map((verb) => [weight, verb] as const);

const asking: Weighed<Step["does"]> = [
  ...each(24, ["commit"]),
  ...each(14, ["hold"]),
  ...each(8, ["capture", "refund"]),
  ...each(5, ["release", "extend"]),
  ...each(2, [...request.itemVerbs, ...request.mandateVerbs]),
  ...each(12, ["again"]),
];

const anything: Weighed<Step["does"]> = [
  ...asking,
  ...each(3, ["quote", "many"]),
  ...each(2, [...request.newVerbs, ...request.readVerbs, "lookUp"]),
  ...each(1, request.listVerbs),
];

const who = mostly<Who>([
  [60, "owner"],
  [2, "reader"],
  [2, "stranger"],
  [1, "nobody"],
  [1, "garbled"],
  [1, "unknown"],
  [1, "revoked"],
]);

const spoils: readonly Spoil[] = [
  ...(["query", "badKey", "noKey", "empty", "text", "cut", "array"] as const),
  ...(["twice", "extra", "missing", "type", "float"] as const),
];
const spoil = mostly<Spoil>([[150, "none"], ...spoils.map((one) => [1, one] as const)]);

const stepOf = (does: Weighed<Step["does"]>): fc.Arbitrary<Step> =>
  fc.record({
    does: mostly(does),
    who,
    spoil,
    merchant: pick,
    item: pick,
    mandate: pick,
    subject: pick,
    // A fresh one, or one of few.
    key: mostly([[6, 0], ...[1, 2, 3].map((key) => [1, key] as const)]),
    units: fc.integer({ min: 1, max: 4 }),
    off: mostly([
      [40, 0],
      [1, 1],
      [1, -1],
    ]),
    n: fc.nat(11),
  });

const move: fc.Arbitrary<Move> = fc.oneof(
  { withCrossShrink: true },
  { weight: 16, arbitrary: stepOf(anything) },
  {
    weight: 2,
    arbitrary: fc.record({ atOnce: fc.array(stepOf(asking), { minLength: 2, maxLength: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ lapses: fc.nat(3) }) },
);

const made = (does: "newItem" | "newMandate"): fc.Arbitrary<Step> =>
  stepOf([[1, does]]).map((step) => ({ ...step, who: "owner", spoil: "none", key: 0 }));

export const sequences: fc.Arbitrary<Sequence> = fc.record({
  opening: fc.tuple(made("newItem"), made("newMandate")),
  moves: fc.array(move, { minLength: 5, maxLength: 25, size: "max" }),
});
