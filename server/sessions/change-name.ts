import { record } from "../audit/record.ts";
import type { OnBehalf } from "../auth/keys.ts";
import { findPerson, writeName } from "../auth/people.ts";
import type { KnownSession } from "../auth/sessions.ts";
import type { Db } from "../db/open.ts";
import { Problem } from "../http/problem.ts";
import { refusable } from "../http/refusable.ts";

/** As others see it from now on; the audit log goes on showing what it was. */
export async function changeName(
  db: Db,
  name: string,
  { personId, liveTenantId: tenantId }: KnownSession,
  by: OnBehalf,
): Promise<void> {
  await refusable(
    db,
    "change_name",
    async (tx) => {
      const person = await findPerson(tx, personId);
      if (!person) return new Problem("UNKNOWN_PERSON");
      if (person.name === name) return undefined;
      await writeName(tx, personId, name);
      await record(tx, {
        tenantId,
        action: "person.name",
        object: { kind: "person", id: personId },
        before: { name: person.name },
        after: { name },
        ...by,
      });
      return undefined;
    },
    { turn: tenantId },
  );
}
