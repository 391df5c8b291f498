import { closest } from "../base/closest.ts";

const segmentsOf = (path: string): string[] => path.split("/").filter((one) => one !== "");

/** What a path of the API that does not exist was most likely meant to be, as the reference writes it. */
export function nearPath(path: string, templates: readonly string[]): string | undefined {
  const asked = segmentsOf(path.toLowerCase());
  // Of a longer one nobody meant any of ours; and comparing costs its length squared.
  if (asked[0] !== "v1" || path.length > 120) return undefined;
  const filled = new Map<string, string>();
  for (const template of templates) {
    const parts = segmentsOf(template);
    if (parts.length !== asked.length) continue;
    const own = parts.map((part, at) => (part.startsWith(":") ? (asked[at] ?? "") : part));
    // Of several that come to the same, the one without a parameter there is the first in the table.
    if (!filled.has(own.join("/"))) filled.set(own.join("/"), template);
  }
  const meant = closest(asked.join("/"), [...filled.keys()]);
  return meant === undefined ? undefined : filled.get(meant)?.replaceAll(/:(\w+)/g, "{$1}");
}
