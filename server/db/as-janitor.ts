import type { Db } from "./open.ts";
import { janitor } from "./roles.ts";
import type { Tx } from "./transact.ts";

/** Who deletes is another than who serves: the rest of the transaction is the janitor's. */
export async function asJanitor({ dialect }: Pick<Db, "dialect">, tx: Tx): Promise<void> {
  // On Aurora DSQL nobody becomes another: who deletes there connects as the janitor.
  if (dialect.name === "postgres") {
    await tx.run({ text: `set local role ${janitor}`, values: [] });
  }
}

/** What an operator has to do, when that is why it failed. */
export function whyNotJanitor(error: unknown): string | undefined {
  const { code, message = "" } = error as { code?: string; message?: string };
  if (new RegExp(`"${janitor}" does not exist`).test(message)) {
    return "There is no janitor yet: run `zerorace migrate --roles` first.";
  }
  if (code !== "42501" && !/permission denied/.test(message)) return undefined;
  return (
    `This database user may not act as ${janitor}: let the worker connect as the owner of the tables, or ` +
    "run `zerorace purge` as the janitor now and then."
  );
}
