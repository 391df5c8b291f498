/** What is wrong with a name that a person gives to something; undefined when it is fine. */
export function faultOfName(name: string): string | undefined {
  if (name.trim() === "" || name.length > 200) return "A name has 1 to 200 characters.";
  // The database has no NUL, and a line break or an escape would forge what a terminal shows.
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) {
    return "A name has no control characters and no broken ones.";
  }
  return undefined;
}
