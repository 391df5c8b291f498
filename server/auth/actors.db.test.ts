import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Home, type SignedIn } from "../testing/people.ts";
import { transact } from "../db/transact.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { deletePerson } from "./people.ts";
import { nameActors, type ActorView } from "./actors.ts";
import type { Caller } from "./caller.ts";
import { createKey } from "./keys.ts";

let database: TestDatabase;
let ann: SignedIn;
beforeAll(async () => {
  database = await freshDatabase();
  ann = await makePerson(database.db);
});
afterAll(() => database.close());

const actor = { kind: "command", id: "test" } as const;

async function makeKey({ testTenantId: tenantId }: Home, name: string): Promise<string> {
  const scopes = ["purchases:read"];
  const made = await createKey(database.db, { tenantId, name, scopes }, { actor });
  if (made.kind !== "done") throw new Error(made.says);
  return `key:${made.key.keyId}`;
}

async function named(
  written: readonly string[],
  scopes: readonly string[] = [],
): Promise<ActorView[]> {
  const bounds = { agentIds: null, mandateIds: null };
  const caller: Caller = { tenantId: ann.testTenantId, actor, mode: "test", scopes, ...bounds };
  return written.map(await nameActors(database.db, caller, written));
}

it("people and keys are named, and mail addresses told only to whoever may see the people", async () => {
  const key = await makeKey(ann, "checkout");
  const written = [`person:${ann.personId}`, key, "command:operator"];
  const { personId: id, email } = ann;
  const [, keyId] = key.split(":");
  const others = [
    { kind: "key", id: keyId, name: "checkout" },
    { kind: "command", id: "operator", name: null },
  ];
  expect(await named(written)).toEqual([{ kind: "person", id, name: "Ann" }, ...others]);
  expect(await named(written, ["people:read"])).toEqual([
    { kind: "person", id, name: "Ann", email },
    ...others,
  ]);
});

it("a key of another tenant has no name here", async () => {
  const theirs = await makeKey(await makePerson(database.db), "theirs");
  expect(await named([theirs])).toMatchObject([{ kind: "key", name: null }]);
});

it("who is gone has no name, and what was never a person's id is no fault", async () => {
  const bo = await makePerson(database.db, { home: ann, role: "viewer" });
  await transact(database.db, "test", (tx) => deletePerson(tx, bo.personId));
  const written = [`person:${bo.personId}`, "person:p1"];
  expect(await named(written)).toMatchObject([{ name: null }, { id: "p1", name: null }]);
});
