/** What those who listen are told; two regions that main.tsx puts into the page. */
let polite: HTMLElement | undefined;
let assertive: HTMLElement | undefined;
const listeners = new Set<(text: string) => void>();

/** For what is also seen elsewhere. */
export function say(text: string): void {
  polite ??= region("polite");
  polite.textContent = text;
}

/** At once, over what is being read: for an invariant that is not zero. */
export function sayNow(text: string): void {
  assertive ??= region("assertive");
  assertive.textContent = text;
}

/** A note at the edge that goes away by itself: never the only place where something is said. */
export function note(text: string): void {
  for (const listener of listeners) listener(text);
}

export function onNote(listener: (text: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function region(manner: "polite" | "assertive"): HTMLElement {
  const element = document.createElement("div");
  element.setAttribute("aria-live", manner);
  element.className = "sr-only";
  document.body.append(element);
  return element;
}
