import { createHmac, randomBytes } from "node:crypto";

/** Signatures as in Standard Webhooks 1.0, https://www.standardwebhooks.com. */

const prefix = "whsec_";

/** Of 24 to 64 bytes the specification admits. */
export function newSecret(): string {
  return prefix + randomBytes(32).toString("base64");
}

export interface Signed {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/** One signature for each secret that lives: a receiver that knows either is content. */
export function sign(
  secrets: readonly string[],
  { id, at, body }: { readonly id: string; readonly at: Date; readonly body: string },
): Signed {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), "base64");
    const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`);
    return `v1,${hmac.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
