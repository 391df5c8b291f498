import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { availableParallelism } from "node:os";

/**
 * Passwords are kept as argon2id in the PHC form, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, with the least
 * parameters that OWASP names. They are normalised to NFKC first: the same password typed on another
 * system is the same password.
 */
const cost = { memory: 19_456, passes: 2, parallelism: 1 };
const tagLength = 32;
const saltLength = 16;

/** A hash takes 19 MiB and 50 ms of a core that purchases also want: half of the cores, two at most. */
const hashesAtOnce = Math.min(2, Math.max(1, Math.floor(availableParallelism() / 2)));
const waitingMax = 64;

/** So many sign in at this moment that one more would wait for seconds. */
export class TooManyHashes extends Error {
  override readonly name = "TooManyHashes";
}

/** Lets `atOnce` through; the others wait in turn, and beyond `waitingMax` are refused. */
export class Turnstile {
  readonly #atOnce: number;
  readonly #waitingMax: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, max: number) {
    this.#atOnce = atOnce;
    this.#waitingMax = max;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#atOnce) {
      if (this.#waiting.length >= this.#waitingMax) throw new TooManyHashes("too many passwords");
      // Whoever leaves hands the place over, so nobody slips in between.
      await new Promise<void>((enter) => this.#waiting.push(enter));
    } else this.#inside++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside--;
    }
  }
}

const turnstile = new Turnstile(hashesAtOnce, waitingMax);

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltLength);
  const { memory, passes, parallelism } = cost;
  const hash = await derive(password, salt, cost);
  const parameters = `m=${memory},t=${passes},p=${parallelism}`;
  return `$argon2id$v=19$${parameters}$${base64(salt)}$${base64(hash)}`;
}

const form = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Nobody's password: who has no account takes the same time as who has another password. */
const nobody = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${"A".repeat(22)}$${"A".repeat(43)}`;

/** Against the hash of nobody in particular where there is none: it is never right, and as slow. */
export async function isPassword(password: string, phc: string = nobody): Promise<boolean> {
  const [, memory, passes, parallelism, salt = "", hash = ""] = form.exec(phc) ?? [];
  if (hash === "") throw new Error("a stored password is not in the PHC form");
  const given = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  const expected = Buffer.from(hash, "base64");
  const derived = await derive(password, Buffer.from(salt, "base64"), given);
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}

async function derive(password: string, nonce: Buffer, parameters: typeof cost): Promise<Buffer> {
  const message = password.normalize("NFKC");
  return turnstile.pass(
    () =>
      new Promise((resolve, reject) => {
        argon2("argon2id", { message, nonce, tagLength, ...parameters }, (error, hash) => {
          if (error) reject(error);
          else resolve(hash);
        });
      }),
  );
}

/** The PHC form has no padding. */
function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

export const passwordLengths = { min: 12, max: 256 };

/** What everybody tries first, of those that are long enough. */
const tooWellKnown =
  /^(?:(?:password|passwort|letmein|welcome|qwerty|admin|administrator|iloveyou|changeme|zerorace|secret|login|master|dragon|monkey|football|baseball|abc|test)[\W\d_]*)+$/i;
const rows = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890123456789",
  "98765432109876543210",
  "qwertyuiopasdfghjklzxcvbnm",
  "1q2w3e4r5t6y7u8i9o0p",
];

/** What completes "the password …"; undefined when it will do. No rules of composition: length counts. */
export function faultOfPassword(password: string): string | undefined {
  const text = password.normalize("NFKC");
  const characters = Array.from(text);
  if (characters.length < passwordLengths.min) {
    return `must have ${passwordLengths.min} characters at least`;
  }
  if (characters.length > passwordLengths.max) {
    return `must have ${passwordLengths.max} characters at most`;
  }
  const lower = text.toLowerCase();
  const isRow = rows.some((row) => row.includes(lower));
  if (isRow || new Set(characters).size < 5 || tooWellKnown.test(text)) {
    return "is among those that are tried first: choose another, several words for example";
  }
  return undefined;
}
