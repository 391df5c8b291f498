/** Where a command writes: its result on one stream, everything else on the other. */
export interface Terminal {
  /** The result, on standard output: what a pipe gets. */
  result(text: string): void;
  /** A sentence for whoever watches, on standard error. */
  say(line: string): void;
  /** How far we are: one line that is rewritten on a terminal, a line now and then elsewhere. */
  progress(share: number, text: string): void;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Streams {
  readonly stdout: Stream;
  readonly stderr: Stream;
}

const everyMs = 5_000;
const barWidth = 24;
const barWidthMin = 6;
const clearLine = "\r\u001b[K";

export function makeTerminal({ stdout, stderr }: Streams, now = () => performance.now()): Terminal {
  const rewrites = stderr.isTTY === true;
  let lineIsOpen = false;
  let saidAt = now();
  const endLine = (): void => {
    if (lineIsOpen) stderr.write(clearLine);
    lineIsOpen = false;
  };
  return {
    result(text) {
      endLine();
      stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    },
    say(line) {
      endLine();
      stderr.write(`${line}\n`);
    },
    progress(share, text) {
      if (rewrites) {
        const width = (stderr.columns || 80) - 1;
        const line = `${bar(share, width - text.length - 1)}${text}`.slice(0, width);
        stderr.write(`${clearLine}${line}`);
        lineIsOpen = true;
        return;
      }
      if (now() - saidAt < everyMs) return;
      saidAt = now();
      stderr.write(`${text}\n`);
    },
  };
}

/** In the room that the text leaves: it says more than a bar does. */
function bar(share: number, room: number): string {
  const width = Math.min(barWidth, room);
  if (width < barWidthMin) return "";
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} `;
}

/** `45 s`, `3 min 20 s`, from the share that is done and the time that it took. */
export function timeLeft(share: number, elapsedMs: number): string {
  if (share <= 0) return "";
  const seconds = Math.ceil((elapsedMs * (1 - share)) / share / 1000);
  if (seconds < 60) return `${seconds} s left`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s left`;
}
