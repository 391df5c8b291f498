import { kernel, type Mutant } from "./mutant.ts";

const sequences = [
  "server/http/sequences.db.test.ts",
  "random sequences as the model says",
] as const;

const canary = ["server/http/canary.db.test.ts", "a secret"] as const;

/** What is answered over HTTP; only the model of a shop knows what should have been. */
export const frontDoor: readonly Mutant[] = [
  {
    name: "a replay is answered with 200 instead of the stored 201",
    changes: [
      {
        file: "server/http/send-answer.ts",
        find: 'status: kind === "granted" ? 201 : 200',
        replace: 'status: kind === "granted" && !replayed ? 201 : 200',
      },
    ],
    caughtBy: sequences,
  },
  {
    name: "a thing made again under its key is not said to be replayed",
    changes: [
      {
        file: "server/http/create-once.ts",
        find: "replayed: known.requestId !== newId",
        replace: "replayed: known.requestId === newId",
      },
    ],
    caughtBy: sequences,
  },
  {
    name: "a key that made something else makes it once more",
    changes: [
      {
        file: "server/http/create-once.ts",
        find: "if (known && !known.same) return reused();",
        replace: "",
      },
    ],
    caughtBy: sequences,
  },
  {
    name: "holds may be made by keys that may only read",
    changes: [
      {
        file: "server/holds/routes.ts",
        find: 'needs: "purchases:write",',
        replace: 'needs: "purchases:read",',
      },
    ],
    caughtBy: sequences,
  },
  {
    name: "a refund forgets that units were to come back",
    changes: [
      {
        file: "server/purchases/routes.ts",
        find: "returnQuantity === undefined ? {}",
        replace: "returnQuantity !== undefined ? {}",
      },
    ],
    caughtBy: sequences,
  },
  {
    name: "a list of what was held shows what was sold as well",
    changes: [
      {
        file: "server/purchases/list.ts",
        find: 'held: { kind: "hold", granted: true }',
        replace: "held: { granted: true }",
      },
    ],
    caughtBy: sequences,
  },
  {
    name: "a revoke forgets the holds",
    changes: [
      {
        file: "server/mandates/routes.ts",
        find: "if (wanted === true) await releaseHolds",
        replace: "if (wanted === false) await releaseHolds",
      },
    ],
    caughtBy: sequences,
  },
  {
    name: "a quote forgets the duplicate window",
    changes: [
      {
        file: "server/kernel/quote.ts",
        find: "const ask = { ...asked, key };",
        replace: "const ask = { ...asked, key, again: true };",
      },
    ],
    caughtBy: sequences,
  },
  {
    name: "a refused ask puts another tenant's books in order",
    changes: [kernel("load.ts", "&& namesOwn(ask, owners)", "&& (namesOwn(ask, owners) || true)")],
    caughtBy: ["server/kernel/holds.db.test.ts", "nothing that another tenant holds"],
  },
  {
    name: "a body may hold an API key",
    changes: [
      {
        file: "server/http/json.ts",
        find: "if (holdsSecret(content) && (isKey",
        replace: "if (content === '' && (isKey",
      },
    ],
    caughtBy: canary,
  },
  {
    name: "an API key may be an idempotency key",
    changes: [
      {
        file: "server/http/idempotency-key.ts",
        find: "if (holdsSecret(key)) {",
        replace: "if (holdsSecret(key) && key === '') {",
      },
    ],
    caughtBy: canary,
  },
  {
    name: "a problem names the secret that stands in the wrong place",
    changes: [
      {
        file: "server/http/problem.ts",
        find: "return withoutSecrets(text);",
        replace: "return withoutSecrets('') + text;",
      },
    ],
    caughtBy: canary,
  },
  {
    name: "the log has the URL of each request",
    changes: [
      {
        file: "server/http/visit.ts",
        find: "log.debug({ requestId,",
        replace: "log.debug({ url: req.url, requestId,",
      },
    ],
    caughtBy: canary,
  },
  {
    name: "a metric has the path instead of the route",
    changes: [
      {
        file: "server/http/visit.ts",
        find: 'route: "unmatched",',
        replace: "route: req.path,",
      },
    ],
    caughtBy: canary,
  },
  {
    name: "a list forgets whose it is",
    changes: [
      {
        file: "server/items/store.ts",
        find: "where i.tenant_id = ${tenantId} and (i.created_at, i.item_id) <",
        replace: "where (i.tenant_id = ${tenantId} or true) and (i.created_at, i.item_id) <",
      },
    ],
    caughtBy: ["server/http/isolation.db.test.ts", "lists none of another tenant's items"],
  },
  {
    name: "a key's secret is compared on its first half",
    changes: [
      {
        file: "server/auth/authenticate.ts",
        find: "const isRight = sameDigest(digestOf(parts.secret), known?.secretHash ?? nobody);",
        replace:
          "const isRight = sameDigest(digestOf(parts.secret).slice(0, 32), (known?.secretHash ?? nobody).slice(0, 32));",
      },
    ],
    caughtBy: ["server/auth/authenticate.db.test.ts", "in its last digit only"],
  },
];
