import { maskedKey } from "../auth/api-key.ts";
import type { ApiKey } from "../auth/key-rows.ts";
import {
  createKey,
  listKeys,
  revokeKey,
  rollKey,
  type KeyMade,
  type KeyRefused,
} from "../auth/keys.ts";
import { scopesDefault } from "../auth/scopes.ts";
import { json, type Call, type Command, type Option } from "./command.ts";
import {
  keyIdIn,
  keyNamed,
  listed,
  refusal,
  required,
  soon,
  tenantOf,
  whose,
  whoseKeys,
} from "./key-options.ts";
import { lasting } from "./lasting.ts";
import { operator } from "./operator.ts";
import { asTable } from "./table.ts";
import { withDatabase } from "./with-database.ts";

const key: Option = {
  value: "ID",
  says: "The key's id: the 22 characters after zr_live_ or zr_test_.",
};
const reason: Option = { value: "TEXT", says: "Why, for the audit log." };

export const keysCreateCommand: Command = {
  name: "keys create",
  summary: "Make an API key and print it, once: it cannot be shown again.",
  options: {
    ...whose,
    name: { value: "NAME", says: "What it is for." },
    scopes: { value: "LIST", says: "What it may do.", fallback: scopesDefault.join(",") },
    agents: { value: "LIST", says: "Bind it to these agents. Default: any." },
    mandates: { value: "LIST", says: "Bind it to these mandates. Default: any." },
    expires: { value: "WHEN", says: "As in 90d, 12h or 2027-01-31T00:00:00Z. Default: never." },
    reason,
    json,
  },
  examples: [
    ['keys create --organisation "Acme Ltd" --name buyer', "a test key that can buy"],
    ["keys create --tenant ID --name nightly --scopes ledger:read --expires 90d", "to read books"],
  ],
  async run(call) {
    const { values } = call;
    const whoseKey = whoseKeys(values);
    const terms = {
      name: required(values, "name"),
      scopes: listed(values, "scopes") ?? scopesDefault,
      ...given("agentIds", listed(values, "agents")),
      ...given("mandateIds", listed(values, "mandates")),
      ...given("expiresAtMs", soon(values, "expires")),
    };
    return withDatabase(call, async (db) => {
      const tenantId = await tenantOf(db, whoseKey);
      const made = await createKey(db, { tenantId, ...terms }, onBehalf(call));
      return shown(call, made);
    });
  },
};

export const keysListCommand: Command = {
  name: "keys list",
  summary: "Show a tenant's newest API keys, without their secrets.",
  options: { ...whose, json },
  examples: [['keys list --organisation "Acme Ltd" --mode live', "at most the newest 1,000"]],
  async run(call) {
    const whoseKey = whoseKeys(call.values);
    return withDatabase(call, async (db) => {
      const tenantId = await tenantOf(db, whoseKey);
      const keys = await listKeys(db, { tenantId, limit: 1_000 });
      if (call.values.json === true) call.terminal.result(JSON.stringify({ keys }));
      else if (keys.length > 0) call.terminal.result(asTable([headings, ...keys.map(asRow)]));
      else call.terminal.say("There are none: zerorace keys create makes one.");
      return true;
    });
  },
};

export const keysRollCommand: Command = {
  name: "keys roll",
  summary: "Replace an API key by a new one, and print that once.",
  options: {
    key,
    overlap: {
      value: "TIME",
      says: "How long the old one stays valid: 0s to 7d.",
      fallback: "24h",
    },
    reason,
    json,
  },
  examples: [
    ["keys roll --key ID", "both keys are valid for a day"],
    ["keys roll --key ID --overlap 0s", "the old key ends now"],
  ],
  async run(call) {
    const keyId = keyIdIn(call.values);
    const overlapSeconds = lasting(call.values, "overlap", "24h");
    return withDatabase(call, async (db) => {
      const { tenantId } = await keyNamed(db, keyId);
      return shown(call, await rollKey(db, { tenantId, keyId, overlapSeconds }, onBehalf(call)));
    });
  },
};

export const keysRevokeCommand: Command = {
  name: "keys revoke",
  summary: "End an API key at once and for good.",
  options: { key, reason, json },
  examples: [
    ['keys revoke --key ID --reason "found in a repository"', "seen everywhere within 1 s"],
  ],
  async run(call) {
    const keyId = keyIdIn(call.values);
    return withDatabase(call, async (db) => {
      const { tenantId } = await keyNamed(db, keyId);
      const ended = await revokeKey(db, { tenantId, keyId }, onBehalf(call));
      if (ended.kind === "refused") throw refusal(ended);
      if (call.values.json === true) call.terminal.result(JSON.stringify({ key: ended.key }));
      else call.terminal.result(`${maskedKey(ended.key)} is revoked.`);
      return true;
    });
  },
};

function given<Name extends string, T>(name: Name, value: T | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: T };
}

function onBehalf({ values }: Call) {
  return { actor: operator(), ...given("reason", textIf(values.reason)) };
}

const textIf = (value: string | true | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** The key alone on standard output: a script can keep it without reading prose. */
function shown(call: Call, made: KeyMade | KeyRefused): boolean {
  if (made.kind === "refused") throw refusal(made);
  const { apiKey, key: about } = made;
  if (call.values.json === true) {
    call.terminal.result(JSON.stringify({ apiKey, key: about }));
    return true;
  }
  call.terminal.result(apiKey);
  call.terminal.say(`Keep it now: it is not shown again. Its id is ${about.keyId}.`);
  return true;
}

const headings = ["KEY", "NAME", "STATE", "SCOPES", "CREATED", "LAST USED", "EXPIRES"];

function asRow(about: ApiKey): string[] {
  const { keyId, name, scopes, createdAt, lastUsedAt, expiresAt, revokedAt, expired } = about;
  const state = revokedAt ? "revoked" : expired ? "expired" : about.replacedBy ? "rolled" : "valid";
  const times = [createdAt, lastUsedAt, expiresAt].map((at) => at?.toISOString() ?? "never");
  return [keyId, name, state, scopes.join(","), ...times];
}
