const known = new Map<string, number>();

/** How many digits of a currency's amounts stand behind the point: USD has 2, JPY 0. */
export function digitsOf(currency: string): number | undefined {
  if (!/^[A-Z]{3}$/.test(currency)) return undefined;
  const digits =
    known.get(currency) ??
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
      .maximumFractionDigits ??
    2;
  known.set(currency, digits);
  return digits;
}

/** An amount in whole units of its currency, exact and with a point: "-49.99". */
export function decimalOf(minor: bigint | number, currency: string): string {
  const digits = digitsOf(currency) ?? 0;
  const [sign, text] = minor < 0 ? ["-", String(-BigInt(minor))] : ["", String(minor)];
  if (digits === 0) return sign + text;
  const padded = text.padStart(digits + 1, "0");
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}
