import { makePerson } from "../../server/testing/people.ts";
import type { Stage } from "./harness.ts";
import type { Shown } from "./screens.ts";
import { proveByRound } from "./shop.ts";

const nobody = "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11";
const teams = new WeakMap<Stage, Promise<string>>();

/** Two organisations beside Ann's, one of them suspended. */
async function suspendOne(stage: Stage): Promise<void> {
  const { organisationId } = await stage.person("owner", true);
  await stage.person("owner", true);
  const reason = "Three invoices are unpaid: call 555 0100.";
  await stage.call("POST", `/v1/instance/organisations/${organisationId}/suspend`, { reason });
}

/** Some colleagues of Ann's, one of whom has not come lately, and two who were invited. */
function team(stage: Stage): Promise<string> {
  const known = teams.get(stage) ?? make(stage);
  teams.set(stage, known);
  return known;
}

async function make(stage: Stage): Promise<string> {
  const { db } = stage.api.database;
  const { session } = await stage.claimed();
  const { live, test } = session.tenants;
  const organisationId = session.organisation.id;
  const home = { organisationId, liveTenantId: live, testTenantId: test };
  const people = [
    ["operator", "Bo Berg", "bo.berg@northlight.example", "3 minutes"],
    ["finance", "Cy Chen", "cy@northlight.example", "5 hours"],
    ["viewer", "Dee Dorn-Featherstonehaugh", "dee.dorn@agency.example", "9 days"],
  ] as const;
  const ids: string[] = [];
  for (const [role, name, email, ago] of people) {
    const { personId } = await makePerson(db, { home, role });
    ids.push(personId);
    await db.pool.query(
      `update people set name = $2, email = $3, last_seen_at = now() - $4::interval,
              created_at = created_at - interval '40 days' where person_id = $1`,
      [personId, name, email, ago],
    );
    await db.pool.query("update sessions set seen_at = now() - $2::interval where person_id = $1", [
      personId,
      ago,
    ]);
  }
  for (const [email, role] of [
    ["eva@northlight.example", "operator"],
    ["auditor@books.example", "finance"],
  ]) {
    await stage.call("POST", "/v1/invitations", { email, role });
  }
  return ids[0] ?? "";
}

const rounds = [
  ["release-holds", 5_000, 3],
  ["reset-sandbox", 30_000, 0],
  ["prove", 2_000, 1],
  ["deliver-webhooks", 1_000, 12],
  ["forget", 60_000, 40],
  ["purge-worlds", 60_000, 0],
  ["watch-indexes", 30_000, 0],
] as const;

/** As a worker leaves it: there is none in these pictures. */
async function healthy(stage: Stage): Promise<string> {
  const { pool } = stage.api.database.db;
  await proveByRound(stage);
  await pool.query(
    `insert into leases (name, owner_id, version, until)
     values ('outbox/member/1', gen_random_uuid(), 1, now() + interval '1 hour')
         on conflict (name) do update set until = excluded.until`,
  );
  for (const [name, everyMs, did] of rounds) {
    await pool.query(
      `insert into round_turns (name, every_ms, ended_at, done_at, ms, did)
       values ($1, $2, now(), now(), 14, $3)
           on conflict (name) do update set ended_at = now(), reason = null`,
      [name, everyMs, did],
    );
  }
  await pool.query("delete from parked_events");
  await pool.query("delete from outbox");
  return "/instance";
}

async function ill(stage: Stage): Promise<string> {
  const { pool } = stage.api.database.db;
  await healthy(stage);
  await pool.query("delete from leases where name = 'outbox/member/1'");
  await pool.query(
    `update round_turns set reason = 'DynamoDB did not answer: TimeoutError' where name = 'forget'`,
  );
  await pool.query(
    `insert into parked_events (event_id, tenant_id, kind, subject_id, tries, reason, created_at, parked_at)
     select gen_random_uuid(), gen_random_uuid(), kind, gen_random_uuid(), 8, reason,
            now() - interval '3 hours', now() - interval '2 hours'
       from (values ('purchase.committed', 'there is no purchase 019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11'),
                    ('mandate.resharded', 'the item is larger than 400 kB: it cannot be copied')) as v(kind, reason)`,
  );
  return "/instance";
}

export const governScreens: readonly Shown[] = [
  {
    name: "team",
    path: async (stage) => team(stage).then(() => "/team"),
    ready: (page) => page.getByRole("link", { name: "Bo Berg" }).waitFor(),
  },
  {
    name: "team-invitations",
    path: async (stage) => team(stage).then(() => "/team?tab=invitations"),
    ready: (page) => page.getByText("eva@northlight.example").waitFor(),
  },
  {
    name: "team-invite",
    path: async (stage) => team(stage).then(() => "/team?make=invitation"),
    ready: (page) => page.getByRole("dialog").waitFor(),
  },
  {
    name: "team-link",
    path: async (stage) => team(stage).then(() => "/team?tab=invitations"),
    async ready(page) {
      await page.getByRole("button", { name: "New link for eva@northlight.example" }).click();
      await page.getByRole("button", { name: "Make a new link" }).click();
      await page.getByRole("group", { name: "the link" }).waitFor();
    },
  },
  {
    name: "team-roles",
    path: "/team?tab=roles",
    ready: (page) => page.getByRole("table", { name: "What each role may do" }).waitFor(),
  },
  {
    name: "team-error",
    path: "/team",
    async ready(page) {
      await page.route("**/v1/people*", (route) => route.fulfill({ status: 408, body: "" }));
      await page.reload();
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "person",
    path: async (stage) => team(stage).then((id) => `/team/${id}`),
    ready: (page) => page.getByRole("heading", { name: "Bo Berg", level: 1 }).waitFor(),
  },
  {
    name: "person-remove",
    path: async (stage) => team(stage).then((id) => `/team/${id}`),
    async ready(page) {
      await page.getByRole("button", { name: "Remove" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "person-last-owner",
    path: async (stage) => `/team/${(await stage.claimed()).session.person.id}`,
    ready: (page) => page.getByText(/is the only owner/).waitFor(),
  },
  {
    name: "person-unknown",
    path: `/team/${nobody}`,
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  {
    name: "account",
    path: "/account",
    ready: (page) => page.getByText("this one").waitFor(),
  },
  {
    name: "settings",
    path: "/settings",
    ready: (page) => page.getByRole("heading", { name: "Limits" }).waitFor(),
  },
  {
    name: "settings-fault",
    path: "/settings",
    async ready(page) {
      await page.getByLabel("Name").fill("");
      await page.getByRole("button", { name: "Save the name" }).click();
      await page.getByText("Must not be empty").waitFor();
    },
  },
  {
    name: "instance",
    path: healthy,
    // Where the share that is looked at has a run with broken books before it, it says that.
    ready: (page) =>
      page
        .getByText(/Everything works\.|needs? you now/)
        .first()
        .waitFor(),
  },
  {
    name: "instance-ill",
    path: ill,
    ready: (page) => page.getByText(/things need you now/).waitFor(),
  },
  {
    name: "instance-parked",
    path: async (stage) => ill(stage).then(() => "/instance?tab=parked"),
    ready: (page) => page.getByRole("button", { name: "Tell all again" }).waitFor(),
  },
  {
    name: "instance-parked-none",
    path: async (stage) => healthy(stage).then(() => "/instance?tab=parked"),
    ready: (page) => page.getByRole("heading", { name: "No parked events" }).waitFor(),
  },
  {
    name: "instance-organisations",
    path: "/instance?tab=organisations",
    ready: (page) => page.getByRole("table", { name: "Organisations" }).waitFor(),
  },
  {
    name: "instance-suspend",
    async path(stage) {
      await suspendOne(stage);
      return "/instance?tab=organisations";
    },
    async ready(page) {
      await page.getByText("suspended", { exact: true }).first().waitFor();
      await page
        .getByRole("button", { name: /^Suspend / })
        .first()
        .click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Suspend the organisation" }).click();
      await dialog.getByText("Must not be empty").waitFor();
    },
  },
  {
    name: "instance-settings",
    path: "/instance?tab=settings",
    ready: (page) => page.getByRole("table", { name: "As they come" }).waitFor(),
  },
  {
    name: "instance-error",
    path: "/instance",
    async ready(page) {
      await page.route("**/v1/instance/health*", (route) =>
        route.fulfill({ status: 408, body: "" }),
      );
      await page.reload();
      await page.getByRole("alert").first().waitFor();
    },
  },
];
