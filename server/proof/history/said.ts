/** An answer's text without its last field, `replayed`: what is the same for whoever hears it. */
export function saidOf(text: string): string {
  const end = text.lastIndexOf(',"replayed":');
  return end < 0 ? text : text.slice(0, end);
}

interface Said {
  readonly reason?: string;
  readonly limit?: number;
  readonly used?: number;
  readonly asked?: number;
}

export function partsOf(said: string): Said {
  return JSON.parse(`${said}}`) as Said;
}

export function reasonOf(said: string): string | undefined {
  return /"reason":"(\w+)"/.exec(said)?.[1];
}
