import type { AttemptView, WholeDeliveryView } from "../../../../server/webhooks/wire.ts";

/** What to paste: a receiver, and checks of one delivery. The browser's test runs all of them. */

export const receiverCode = `// npm install standardwebhooks
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.ZERORACE_WEBHOOK_SECRET ?? "");

createServer(async (req, res) => {
  // The raw body: parsed and written again it would be another one.
  let body = "";
  for await (const part of req.setEncoding("utf8")) body += part;
  try {
    const event = webhook.verify(body, req.headers as Record<string, string>);
    // The same webhook-id again is the same event again: answer, and do nothing.
    console.log(req.headers["webhook-id"], event);
    res.writeHead(204).end();
  } catch {
    res.writeHead(401).end("the signature is wrong");
  }
}).listen(4000);
`;

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

type Sent = NonNullable<AttemptView["request"]>;

/** The signature once more, by what every machine has. */
export function opensslOf({ payload }: WholeDeliveryView, { headers }: Sent): string {
  const [id = "", at = ""] = [headers["webhook-id"], headers["webhook-timestamp"]];
  return `# ZERORACE_WEBHOOK_SECRET is the secret that was shown once: whsec_…
key=$(printf %s "\${ZERORACE_WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
printf %s ${quoted(`${id}.${at}.${payload}`)} |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64
# The same as one of these, after "v1,":
# ${headers["webhook-signature"] ?? ""}
`;
}

const ofTheConnection = new Set(["Host", "Content-Length", "User-Agent"]);

/** This very attempt, to a receiver on one's own machine. */
export function curlOfAttempt({ payload }: WholeDeliveryView, { headers }: Sent): string {
  const given = Object.entries(headers).filter(([name]) => !ofTheConnection.has(name));
  return [
    "curl -i -X POST http://localhost:4000/",
    ...given.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `-d ${quoted(payload)}`,
  ].join(" \\\n  ");
}
