import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** SCRAM-SHA-256, the client's side, as PostgreSQL asks for it. */
export class Scram {
  readonly #password: string;
  readonly #first = `n=,r=${randomBytes(18).toString("base64")}`;

  constructor(password: string) {
    this.#password = password;
  }

  first(): string {
    return `n,,${this.#first}`;
  }

  final(challenge: string): string {
    const field = (name: string): string =>
      challenge
        .split(",")
        .find((part) => part.startsWith(`${name}=`))
        ?.slice(2) ?? "";
    const salt = Buffer.from(field("s"), "base64");
    const salted = pbkdf2Sync(this.#password, salt, Number(field("i")), 32, "sha256");
    const key = hmac(salted, "Client Key");
    const stored = createHash("sha256").update(key).digest();
    const bare = `c=biws,r=${field("r")}`;
    const signature = hmac(stored, `${this.#first},${challenge},${bare}`);
    const proof = Buffer.from(key.map((byte, at) => byte ^ (signature[at] ?? 0)));
    return `${bare},p=${proof.toString("base64")}`;
  }
}

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
