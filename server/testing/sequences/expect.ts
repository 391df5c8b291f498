import type { Fields, Prediction, Reply } from "./request.ts";

/** A value that is not known beforehand, but what it must look like is. */
export type Hole = (value: unknown) => boolean;

export const anyId: Hole = (value) =>
  typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
export const anyText: Hole = (value) => typeof value === "string" && value !== "";
export const anyCount: Hole = (value) => Number.isInteger(value) && (value as number) > 0;
export const anyTime: Hole = (value) =>
  typeof value === "string" && Number.isFinite(Date.parse(value));

/** A time so many seconds from now, give or take what a busy machine needs. */
export const aboutIn =
  (seconds: number): Hole =>
  (value) =>
    typeof value === "string" &&
    Math.abs(Date.parse(value) - Date.now() - seconds * 1_000) < 30_000;

/** Where a value is not as it must be; undefined when it is. */
export function difference(wanted: unknown, found: unknown, at = ""): string | undefined {
  if (typeof wanted === "function") {
    return (wanted as Hole)(found) ? undefined : `${at} is ${show(found)}`;
  }
  if (typeof wanted !== "object" || wanted === null) {
    return Object.is(wanted, found) ? undefined : `${at} is ${show(found)}, not ${show(wanted)}`;
  }
  if (typeof found !== "object" || found === null) return `${at} is ${show(found)}`;
  const [left, right] = [wanted as Fields, found as Fields];
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const wrong = difference(left[name], right[name], `${at}/${name}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const show = (value: unknown): string => JSON.stringify(value) ?? "missing";

/** A problem document; its words are for people and may change. */
export function problem(
  status: number,
  code: string | Hole,
  places?: readonly string[],
): Prediction {
  const known = {
    type: typeof code === "string" ? `/problems/${code}` : anyText,
    title: anyText,
    status,
    detail: anyText,
    code,
    requestId: anyId,
    retryable: code === "NOT_KNOWN_YET",
    outcome: "none",
  };
  const faults = places?.map((pointer) => ({ pointer, code: anyText, detail: anyText }));
  return { status, body: faults ? { ...known, errors: faults } : known };
}

/** What is wrong with a reply; undefined when it is what must come. */
export function faultOf(wanted: Prediction, reply: Reply): string | undefined {
  if (wanted.status !== reply.status) {
    const { code = "", reason = "" } = wanted.body as Fields;
    return `${reply.status} came instead of ${wanted.status} ${show([code, reason])}`;
  }
  if (wanted.replayed !== undefined && reply.replayed !== String(wanted.replayed)) {
    return `Idempotent-Replayed is ${reply.replayed}`;
  }
  if (typeof wanted.body === "string") {
    return reply.text === wanted.body ? undefined : `the text is not ${wanted.body}`;
  }
  return difference(wanted.body, reply.body);
}
