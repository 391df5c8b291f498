const name = /^[A-Za-z][A-Za-z0-9_+/-]*$/;

/** A name such as Europe/Paris. An offset such as +01:00 would be read the other way round in SQL. */
export function isTimeZone(timeZone: string): boolean {
  try {
    return (
      name.test(timeZone) &&
      new Intl.DateTimeFormat("en", { timeZone }) instanceof Intl.DateTimeFormat
    );
  } catch {
    return false;
  }
}
