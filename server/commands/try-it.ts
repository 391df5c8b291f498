import { randomUUID } from "node:crypto";

/** A purchase that works at once, without an account or a key, under a key of its own each time. */
export function purchaseAt(url: string): readonly string[] {
  return [
    `  curl -X POST ${url}/v1/sandbox/commit \\`,
    '    -H "Content-Type: application/json" \\',
    `    -H "Idempotency-Key: try-${randomUUID().slice(0, 8)}" \\`,
    "    -d '{}'",
  ];
}
