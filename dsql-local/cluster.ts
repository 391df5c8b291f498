import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Backend } from "./backend.ts";
import type { Injections } from "./injections.ts";
import { Jobs } from "./jobs.ts";
import { literal } from "./notes.ts";
import { ownSettings } from "./statement-kinds.ts";
import type { Settings } from "./settings.ts";
import type { Catalog } from "./transaction.ts";
import { Surroundings } from "./surroundings.ts";
import { Watch } from "./watch.ts";
import type { Work } from "./work.ts";

const lingersMs = 2_000;
const installation = await readFile(new URL("./install.sql", import.meta.url), "utf8");

/** One database, and what all its sessions share. */
export class Cluster {
  catalog: Catalog = { changes: 0, builds: 0 };
  /** How many transactions have written and committed. */
  commits = 0;
  readonly surroundings = new Surroundings();
  /** With which commit a table last lost rows: who began before still sees them. */
  readonly deletes = new Map<string, number>();
  readonly settings: Settings;
  readonly injections: Injections;
  readonly watch: Watch;
  readonly jobs: Jobs;
  readonly #database: string;
  #empty: NodeJS.Timeout | undefined;
  readonly #control: Backend;

  private constructor(
    settings: Settings,
    database: string,
    control: Backend,
    injections: Injections,
  ) {
    this.settings = settings;
    this.injections = injections;
    this.#database = database;
    this.#control = control;
    this.watch = new Watch(control, settings.patienceMs);
    this.jobs = new Jobs(
      () => this.open({}),
      settings.jobDelayMs,
      () => this.#built(),
    );
  }

  static async open(
    settings: Settings,
    database: string,
    injections: Injections,
  ): Promise<Cluster> {
    const url = new URL(settings.databaseUrl);
    const control = await Backend.open({
      url,
      database,
      settings: { application_name: "dsql-local" },
    });
    await install(control, database);
    const cluster = new Cluster(settings, database, control, injections);
    await cluster.surroundings.look(control);
    cluster.jobs.wake();
    return cluster;
  }

  /** A connection for a session, or for work of our own. */
  async open(settings: Readonly<Record<string, string>>): Promise<Backend> {
    return Backend.open({
      url: new URL(this.settings.databaseUrl),
      database: this.#database,
      settings: {
        ...ownSettings,
        ...settings,
        default_transaction_isolation: "repeatable read",
        deadlock_timeout: "10s",
        timezone: settings.timezone ?? "UTC",
      },
    });
  }

  async hasRole(name: string): Promise<boolean> {
    const found = await this.#control.query(
      `select from pg_roles where rolname = ${literal(name)} and rolcanlogin`,
    );
    return found.length > 0;
  }

  async isMapped(role: string): Promise<boolean> {
    const found = await this.#control.query(
      `select from dsql_local.iam_mappings where pg_role_name = ${literal(role)}`,
    );
    return found.length > 0;
  }

  /** The catalog has changed: sessions that saw it before have to look again. */
  async changed(): Promise<void> {
    this.catalog = { ...this.catalog, changes: this.catalog.changes + 1 };
    await this.surroundings.look(this.#control).catch((error: unknown) => {
      if (!this.#control.closed) throw error;
    });
  }

  /** An asynchronous job has ended, which changes the catalog too. */
  #built(): void {
    this.catalog = { ...this.catalog, builds: this.catalog.builds + 1 };
  }

  joined(work: Work): void {
    clearTimeout(this.#empty);
    this.watch.add(work);
  }

  left(work: Work): void {
    this.watch.remove(work);
    if (this.watch.isEmpty) this.#leave();
  }

  /** With nobody in it any more it holds no connection: the database may be copied, or dropped. */
  #leave(): void {
    clearTimeout(this.#empty);
    this.#empty = setTimeout(() => this.#control.close(), lingersMs);
    this.#empty.unref();
  }

  /** Called when there is no connection any more, whoever ended it. */
  set onClose(gone: () => void) {
    this.#control.onClose = () => {
      this.watch.stop();
      gone();
    };
  }

  close(): void {
    clearTimeout(this.#empty);
    this.watch.stop();
    this.jobs.stop();
    this.#control.close();
  }
}

/** Once per database and version of ours. */
async function install(control: Backend, database: string): Promise<void> {
  const version = createHash("sha256").update(installation).digest("hex");
  const [before] = await control.query(
    "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'dsql_local'",
  );
  if (before?.[0] === version) return;
  await control.query("set client_min_messages = error");
  // Two of us may come at once, and the role is the whole server's.
  await control.query("select pg_advisory_lock(5374116)");
  await control.query(installation);
  await control.query(admin(database));
  await control.query(`comment on schema dsql_local is '${version}'`);
  await control.query("select pg_advisory_unlock(5374116)");
}

/** The role that every cluster has. It owns what users make, and is no superuser. */
function admin(database: string): string {
  const name = `"${database.replaceAll('"', '""')}"`;
  return `
    do $$ begin
      if not exists (select from pg_roles where rolname = 'admin') then
        create role admin login createrole;
      end if;
    exception when duplicate_object or unique_violation then null; end $$;
    grant all on database ${name} to admin;
    grant all on schema public to admin with grant option`;
}
