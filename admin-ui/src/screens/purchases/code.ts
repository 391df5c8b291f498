import type { WholeAskView } from "../../../../server/purchases/whole/wire.ts";

/** The same ask again, for a shell and for a program; the key is the ask's, so it is answered as it was. */

const base = location.origin;

function bodyOf({ request }: WholeAskView): object {
  const { purchaseId: _, ...body } = request;
  return body;
}

const pathOf = ({ kind }: WholeAskView): string =>
  kind === "hold" ? "/v1/holds" : "/v1/purchases/commit";

export function curlOf(ask: WholeAskView): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return [
    `curl -X POST ${base}${pathOf(ask)}`,
    `-H "Authorization: Bearer $ZERORACE_API_KEY"`,
    `-H ${quoted(`Idempotency-Key: ${ask.idempotencyKey}`)}`,
    `-H "Content-Type: application/json"`,
    `-d ${quoted(JSON.stringify(bodyOf(ask)))}`,
  ].join(" \\\n  ");
}

export function typescriptOf(ask: WholeAskView): string {
  const body = JSON.stringify(bodyOf(ask), undefined, 2).replaceAll("\n", "\n  ");
  return `const response = await fetch(${JSON.stringify(`${base}${pathOf(ask)}`)}, {
  method: "POST",
  headers: {
    Authorization: \`Bearer \${process.env.ZERORACE_API_KEY}\`,
    "Idempotency-Key": ${JSON.stringify(ask.idempotencyKey)},
    "Content-Type": "application/json",
  },
  body: JSON.stringify(${body}),
});
const answer = await response.json();`;
}

/** What the playground begins with. */
export function playgroundOf({ request }: WholeAskView) {
  const { merchantId, itemId, mandateId, agentId, quantity, amountMinor, currency } = request;
  return { merchantId, itemId, mandateId, agentId, quantity, amountMinor, currency };
}
