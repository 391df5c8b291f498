import type { Db } from "../../db/open.ts";

/**
 * A witness in the database itself: every write of a bucket is noted by a trigger, in the transaction
 * that makes it, with the version that it found and the one that it left. It slows each write down,
 * so it is only ever put into a database that a run made for itself. What is announced it hears too:
 * the rows of the outbox go when they are told. What it noted of earlier worlds is dropped. Which
 * transaction it was is told by `xmin`, of its own rows as of all others: dsql-local does all its work
 * behind a savepoint, which has a number of its own.
 */
export async function placeWitness(db: Db): Promise<void> {
  for (const statement of statements) await db.pool.query(statement);
}

const statements = [
  `create table if not exists history_writes (
     seq bigint generated always as identity primary key,
     tenant_id uuid not null, kind text not null, subject_id uuid not null, bucket integer not null,
     version_before bigint, version bigint not null, amount_before bigint, amount bigint not null,
     usable_before boolean, usable boolean not null, terms_before bigint, terms bigint not null)`,
  "truncate history_writes",
  `create or replace function history_note() returns trigger language plpgsql security definer as $note$
   begin
     if tg_table_name = 'stock_buckets' then
       insert into history_writes (tenant_id, kind, subject_id, bucket, version_before, version,
              amount_before, amount, usable_before, usable, terms_before, terms)
       values (new.tenant_id, 'stock', new.item_id, new.bucket, old.version, new.version,
              old.available, new.available, old.open, new.open, old.price_version, new.price_version);
     else
       insert into history_writes (tenant_id, kind, subject_id, bucket, version_before, version,
              amount_before, amount, usable_before, usable, terms_before, terms)
       values (new.tenant_id, 'money', new.mandate_id, new.bucket, old.version, new.version,
              old.remaining_minor, new.remaining_minor, old.active, new.active, old.rules_version,
              new.rules_version);
     end if;
     return null;
   end $note$`,
  `create table if not exists history_events (event_id uuid primary key, tenant_id uuid not null)`,
  "truncate history_events",
  `create or replace function history_hear() returns trigger language plpgsql security definer as $hear$
   begin
     insert into history_events (event_id, tenant_id) values (new.event_id, new.tenant_id)
         on conflict do nothing;
     return null;
   end $hear$`,
  `create or replace trigger history_hear after insert on outbox
     for each row execute function history_hear()`,
  ...["stock_buckets", "mandate_buckets"].map(
    (table) => `create or replace trigger history_note after insert or update on ${table}
                for each row execute function history_note()`,
  ),
];
