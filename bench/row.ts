/** A line of a bench's table. */
export function row(name: string, perSecond: number, more: string): void {
  console.log(
    `${name.padEnd(12)} ${Math.round(perSecond).toLocaleString("en").padStart(8)}/s  ${more}`,
  );
}
