/** What stands in examples, and what people type when they are asked for a secret. */
const wellKnown =
  /^(change-?_?me|secret|my-?_?secret|password|passw0rd|postgres|redis|zerorace|admin|root|test|default|example|foobared|qwerty|letmein|123456\d*)+[!1-9]*$/i;

const lettersMin = 24;
const differentMin = 8;

/** Completes "NAME …": why nobody should trust this secret; undefined when nothing speaks against it. */
export function weaknessOf(secret: string): string | undefined {
  if (wellKnown.test(secret)) return "is one that stands in examples";
  if (secret.length < lettersMin) return `is shorter than ${lettersMin} characters`;
  if (new Set(secret).size < differentMin) {
    return `is made of fewer than ${differentMin} different characters`;
  }
  return undefined;
}
