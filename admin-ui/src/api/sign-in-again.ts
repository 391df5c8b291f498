/** Between the request that met the end of its session and the dialog that asks to sign in again. */
interface Asking {
  readonly done: (signedIn: boolean) => void;
}

let asking: Asking[] = [];
const listeners = new Set<() => void>();

/** Resolves when somebody has signed in again (true) or will not (false). */
export async function askToSignIn(): Promise<boolean> {
  if (listeners.size === 0) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  asking.push({ done: resolve });
  for (const listener of listeners) listener();
  return promise;
}

export function answerAsking(signedIn: boolean): void {
  const waiting = asking;
  asking = [];
  for (const { done } of waiting) done(signedIn);
  for (const listener of listeners) listener();
}

export function isAsking(): boolean {
  return asking.length > 0;
}

export function onAsking(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
