import { randomUUID } from "node:crypto";
import { insertPerson } from "../auth/people.ts";
import type { Role } from "../auth/roles.ts";
import { mintToken } from "../auth/secret-token.ts";
import { insertSession } from "../auth/session-rows.ts";
import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import { createMerchant } from "../merchants/store.ts";
import { createOrganisation } from "../tenants/store.ts";
import { makeItem, makeMandate, type Shop } from "./factories.ts";

export interface Home {
  readonly organisationId: string;
  readonly liveTenantId: string;
  readonly testTenantId: string;
}

/** Somebody who is signed in. */
export interface SignedIn extends Home {
  readonly personId: string;
  readonly email: string;
  readonly sessionId: string;
  readonly token: string;
  /** As a browser on this machine sends it. */
  readonly cookie: string;
}

export async function makeHome(db: Db): Promise<Home> {
  const actor = { kind: "command", id: "test" } as const;
  const made = await createOrganisation(db, { name: "Acme", actor });
  if (made.kind !== "done") throw new Error(made.says);
  return made;
}

const nobodys = `$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;

/** With a session, and no password that is right. */
export async function makePerson(
  db: Db,
  given: { home?: Home; role?: Role; isInstanceOperator?: boolean } = {},
): Promise<SignedIn> {
  const home = given.home ?? (await makeHome(db));
  const { role = "owner", isInstanceOperator = false } = given;
  const personId = randomUUID();
  const email = `${personId}@example.com`;
  const person = { personId, email, name: "Ann", organisationId: home.organisationId, role };
  await transact(db, "test", (tx) =>
    insertPerson(tx, { ...person, passwordHash: nobodys, isInstanceOperator }),
  );
  return { ...home, personId, email, ...(await makeSession(db, personId)) };
}

export async function makeSession(db: Db, personId: string) {
  const { token, tokenHash } = mintToken("session");
  const sessionId = randomUUID();
  const session = { sessionId, tokenHash, personId, ip: "127.0.0.1", userAgent: "test", hours: 12 };
  await transact(db, "test", (tx) => insertSession(tx, session));
  return { sessionId, token, cookie: `zerorace-session=${token}` };
}

/** A shop in a tenant of an organisation, where people can get at it. */
export async function makeShopIn(db: Db, tenantId: string): Promise<Shop> {
  const merchantId = randomUUID();
  await transact(db, "test", (tx) =>
    createMerchant(tx, { merchantId, tenantId, name: "a merchant" }),
  );
  const world = { tenantId, merchantId };
  const item = await makeItem(db, world);
  return { ...world, item, mandate: await makeMandate(db, world) };
}
