import { findByEmail, type Person } from "../auth/people.ts";
import { email as emailField, role as roleField } from "../auth/people-fields.ts";
import { roles, type Role } from "../auth/roles.ts";
import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import { changeRole, listMembers, removePerson } from "../people/members.ts";
import { invitationHours, invite, makeRecovery, recoveryHours } from "../people/pass-on.ts";
import { linkTo, viewOfInvitation, viewOfPerson } from "../people/wire.ts";
import { listTenants, type Tenant } from "../tenants/store.ts";
import { baseOf, curlTo, passwordToChoose } from "./claim-link.ts";
import { json, UsageError, type Call, type Command, type Option, type Values } from "./command.ts";
import { required } from "./key-options.ts";
import { operator } from "./operator.ts";
import { asTable } from "./table.ts";
import { withDatabase } from "./with-database.ts";

const organisation: Option = { value: "NAME", says: "The organisation, by its name or its id." };
const email: Option = { value: "EMAIL", says: "The address that the person signs in with." };
const role: Option = { value: "ROLE", says: `One of ${roles.join(", ")}.` };
const reason: Option = { value: "TEXT", says: "Why, for the audit log." };

export const peopleListCommand: Command = {
  name: "people list",
  summary: "Show who belongs to an organisation.",
  options: { organisation, json },
  examples: [['people list --organisation "Acme Ltd"', "with their roles"]],
  run: (call) =>
    withDatabase(call, async (db) => {
      const { organisationId } = await organisationOf(db, required(call.values, "organisation"));
      const people = await listMembers(db, organisationId, call.config.sessionIdleMinutes);
      const views = people.map(viewOfPerson);
      if (call.values.json === true) call.terminal.result(JSON.stringify({ people: views }));
      else if (views.length > 0) call.terminal.result(asTable([headings, ...people.map(asRow)]));
      else call.terminal.say("There are none: zerorace people invite makes a link for the first.");
      return true;
    }),
};

export const peopleInviteCommand: Command = {
  name: "people invite",
  summary: "Print a link by which somebody makes an account.",
  options: {
    organisation: { ...organisation, says: "Where to. Default: to found a new one, as its owner." },
    email,
    role: { ...role, fallback: "owner" },
    reason,
    json,
  },
  examples: [
    [
      'people invite --organisation "Acme Ltd" --email ann@example.com --role finance',
      "a link to pass on",
    ],
    ["people invite --email bob@example.com", "to found an organisation"],
  ],
  async run(call) {
    const { values } = call;
    const address = emailIn(values);
    const given = values.role === undefined ? "owner" : roleIn(values);
    const wanted = values.organisation;
    if (wanted === undefined && given !== "owner") {
      throw new UsageError("Who founds an organisation is its owner: leave --role away.");
    }
    return withDatabase(call, async (db) => {
      const into = typeof wanted === "string" ? await organisationOf(db, wanted) : undefined;
      const made = await invite(db, { into, email: address, role: given }, onBehalf(call));
      const { token } = made;
      const base = baseOf(call.config);
      const link = linkTo(base, "join", token);
      if (values.json === true) {
        call.terminal.result(JSON.stringify({ ...viewOfInvitation(made.link), token, link }));
        return true;
      }
      const body = {
        token,
        ...(!into && { organisation: "My company" }),
        name: "My name",
        password: passwordToChoose,
      };
      pass(call, link, invitationHours, curlTo(base, "/v1/sign-up", body));
      return true;
    });
  },
};

export const peopleRecoverCommand: Command = {
  name: "people recover",
  summary: "Print a link by which somebody sets a new password.",
  options: { email, reason, json },
  examples: [["people recover --email ann@example.com", "the old password works until it is used"]],
  async run(call) {
    const address = emailIn(call.values);
    return withDatabase(call, async (db) => {
      const { personId } = await personOf(db, address);
      const made = await makeRecovery(db, { personId, reach: "anybody" }, onBehalf(call));
      const { token } = made;
      const base = baseOf(call.config);
      const link = linkTo(base, "recover", token);
      if (call.values.json === true) {
        call.terminal.result(JSON.stringify({ personId, link, token, hours: recoveryHours }));
        return true;
      }
      const body = { token, password: passwordToChoose };
      pass(call, link, recoveryHours, curlTo(base, "/v1/recoveries/use", body));
      return true;
    });
  },
};

export const peopleRoleCommand: Command = {
  name: "people role",
  summary: "Give a person another role.",
  options: { email, role, reason, json },
  examples: [["people role --email ann@example.com --role owner", "seen everywhere within 1 s"]],
  async run(call) {
    const address = emailIn(call.values);
    const given = roleIn(call.values);
    return withDatabase(call, async (db) => {
      const { personId } = await personOf(db, address);
      const change = { personId, role: given, reach: "anybody" } as const;
      const person = await changeRole(db, change, onBehalf(call));
      return shown(call, person, `${person.email} is ${person.role} of ${person.organisation}.`);
    });
  },
};

export const peopleRemoveCommand: Command = {
  name: "people remove",
  summary: "End a person's account and sessions.",
  options: { email, reason, json },
  examples: [['people remove --email ann@example.com --reason "left"', "seen within 1 s"]],
  async run(call) {
    const address = emailIn(call.values);
    return withDatabase(call, async (db) => {
      const { personId } = await personOf(db, address);
      const person = await removePerson(db, { personId, reach: "anybody" }, onBehalf(call));
      const says = `${person.email} is removed from ${person.organisation}.`;
      if (person.isInstanceOperator) {
        call.terminal.say("Nobody is instance operator now: zerorace claim-link makes another.");
      }
      return shown(call, person, says);
    });
  },
};

function pass({ terminal }: Call, link: string, hours: number, curl: readonly string[]): void {
  terminal.result(link);
  terminal.say(`Good once, for ${hours} hours, in a browser. Or from a shell:`);
  terminal.say(["", ...curl].join("\n"));
}

function shown({ values, terminal }: Call, person: Person, says: string): true {
  terminal.result(values.json === true ? JSON.stringify(viewOfPerson(person)) : says);
  return true;
}

function onBehalf({ values }: Call) {
  return {
    actor: operator(),
    ...(typeof values.reason === "string" && { reason: values.reason }),
  };
}

function emailIn(values: Values): string {
  const read = emailField.safeParse(required(values, "email"));
  if (read.success) return read.data;
  throw new UsageError("--email must be an address such as ann@example.com.");
}

function roleIn(values: Values): Role {
  const read = roleField.safeParse(required(values, "role"));
  if (read.success) return read.data;
  throw new UsageError(`--role must be one of ${roles.join(", ")}.`);
}

async function personOf(db: Db, address: string): Promise<Person> {
  const find = { readOnly: true };
  const person = await transact(db, "find_person", (tx) => findByEmail(tx, address), find);
  if (person) return person;
  throw new Error(`Nobody has an account with ${address}: see zerorace people list.`);
}

async function organisationOf(db: Db, wanted: string) {
  const tenants = await listTenants(db);
  const fits = ({ organisationId, name }: Tenant): boolean =>
    name === wanted || organisationId === wanted.toLowerCase();
  const lives = tenants.filter((one) => one.mode === "live" && fits(one));
  const [only, ...more] = lives;
  if (!only) throw new Error(`There is no organisation "${wanted}": see zerorace tenants list.`);
  if (more.length === 0) {
    return { organisationId: only.organisationId, liveTenantId: only.tenantId };
  }
  const ids = lives.map(({ organisationId }) => organisationId).join(", ");
  throw new Error(`Several organisations are called "${wanted}": give the id, one of ${ids}.`);
}

const headings = ["EMAIL", "NAME", "ROLE", "SINCE", "ID"];

function asRow({ email: address, name, role: own, createdAt, ...person }: Person): string[] {
  const shownRole = person.isInstanceOperator ? `${own}, instance operator` : own;
  return [address, name, shownRole, createdAt.slice(0, 10), person.personId];
}
