import { nameOf, SchemaError, type Step } from "./migration-step.ts";

/** A line of the log. */
export interface Applied {
  readonly version: number;
  readonly step: number;
  readonly checksum: string;
}

/** The same with what a server must know to serve with it taken; null: it does not say. */
export interface Needing extends Pick<Applied, "version" | "step"> {
  readonly needs: number | null;
}

/** How a database stands to the files of this version. */
export interface Standing {
  /** Steps of ours that are still to be taken. */
  readonly pending: readonly Step[];
  /** The newest migration that was taken; 0 where there is none. */
  readonly taken: number;
  /** Steps of newer versions, which this one does not know. */
  readonly newer: readonly Applied[];
}

/** What was applied must be the beginning of what there is, or go on after all of it. */
export function compare(steps: readonly Step[], applied: readonly Applied[]): Standing {
  const byPlace = new Map(applied.map((row) => [placeOf(row), row]));
  const places = new Set(steps.map(placeOf));
  const newest = steps.at(-1)?.version ?? 0;
  const unknown = applied.filter((row) => !places.has(placeOf(row)));
  const stray = unknown.find(({ version }) => version <= newest);
  if (stray) {
    throw new SchemaError(
      `The database has migration ${stray.version}, step ${stray.step}, which this version has not, ` +
        `though it knows migration ${newest}: they are of different lines. Start a version that knows both.`,
    );
  }
  refuseChanged(steps, byPlace);
  const known = applied.length - unknown.length;
  const pending = steps.slice(known);
  const late =
    steps.slice(0, known).find((step) => !byPlace.has(placeOf(step))) ??
    (unknown.length > 0 ? pending[0] : undefined);
  if (late) {
    throw new SchemaError(
      `${nameOf(late)} is new but comes before what was applied already: give it a higher number.`,
    );
  }
  const taken = Math.max(0, ...applied.map(({ version }) => version));
  return { pending, taken, newer: unknown };
}

function refuseChanged(steps: readonly Step[], byPlace: ReadonlyMap<string, Applied>): void {
  const changed = steps.find((step) => {
    const row = byPlace.get(placeOf(step));
    return row !== undefined && row.checksum !== step.checksum;
  });
  if (!changed) return;
  throw new SchemaError(
    `${nameOf(changed)} was changed after it was applied: restore it, and put the change into ` +
      "a new migration.",
  );
}

/**
 * Whether servers that know the migrations up to `ours` may serve on what newer versions made of the
 * schema. A step that does not say what it needs is of a version from before steps did.
 */
export function refuseNewer(newer: readonly Needing[], ours: number): void {
  const breaking = newer.find(({ needs }) => needs === null || needs > ours);
  if (!breaking) return;
  const { version, step, needs } = breaking;
  const wants =
    needs === null
      ? "does not say that older versions may serve on it"
      : `is for versions that know migration ${needs} at least; this one knows ${ours}`;
  throw new SchemaError(
    `The database is newer than this version: it has migration ${version}, step ${step}, which ` +
      `${wants}. Start a newer version; the way back is a backup from before.`,
  );
}

/** Of these, steps that take something away which servers of before may still use. */
export function breakingSteps({ pending, taken }: Standing): readonly Step[] {
  return pending.filter(({ needs }) => needs > taken);
}

const placeOf = ({ version, step }: Pick<Applied, "version" | "step">): string =>
  `${version}.${step}`;
