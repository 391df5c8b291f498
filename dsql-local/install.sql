-- What the local server keeps in the database beneath. Every statement may run again.
create schema if not exists dsql_local;
create schema if not exists sys;

create table if not exists dsql_local.jobs (
  job_id      text        not null primary key,
  status      text        not null,
  details     text,
  job_type    text        not null,
  class_id    oid,
  object_id   oid,
  object_name text,
  start_time  timestamptz not null default clock_timestamp(),
  update_time timestamptz not null default clock_timestamp(),
  work        text        not null,
  sql         text        not null
);

create table if not exists dsql_local.iam_mappings (
  pg_role_name text not null,
  arn          text not null,
  primary key (pg_role_name, arn)
);

create or replace view sys.jobs as
select job_id, status, details, job_type, class_id, object_id, object_name, start_time, update_time
  from dsql_local.jobs;

create or replace view sys.iam_pg_role_mappings as
select r.oid as pg_role_oid, m.pg_role_name, m.arn as iam_arn
  from dsql_local.iam_mappings m
  left join pg_roles r on r.rolname = m.pg_role_name;

create or replace function sys.version() returns text language sql immutable
as $$ select 'PostgreSQL 16' $$;

-- 26 characters of lower-case base32, as the service names its jobs.
create or replace function dsql_local.new_job_id() returns text language plpgsql volatile as $$
declare
  bytes bytea := uuid_send(gen_random_uuid()) || '\x00';
  bits bit(136) := ('x' || encode(bytes, 'hex'))::bit(136);
  id text := '';
begin
  for i in 0..25 loop
    id := id || substr('abcdefghijklmnopqrstuvwxyz234567',
                       substring(bits from i * 5 + 1 for 5)::bit(5)::integer + 1, 1);
  end loop;
  return id;
end $$;

-- Refused before PostgreSQL would accept it: types that have no place in a key, and one index too many.
create or replace function dsql_local.index_keys(t text, keys text[])
returns table (sqlstate text, message text) language plpgsql stable as $$
declare
  rel oid := to_regclass(t);
begin
  return query
    select '0A000', format('datatype %s is not supported in a key', format_type(a.atttypid, null))
      from pg_attribute a
     where a.attrelid = rel and a.attname = any(keys)
       and a.atttypid in ('json'::regtype, 'jsonb'::regtype, 'bytea'::regtype,
                          'interval'::regtype, 'timetz'::regtype);
  return query
    select '54000', 'more than 24 indexes per table are not allowed'
     where (select count(*) from pg_index i where i.indrelid = rel) >= 24;
  return query
    select '54000', 'key size greater than 2000 bytes not supported'
     where (select sum(a.atttypmod - 4) from pg_attribute a
             where a.attrelid = rel and a.attname = any(keys) and a.atttypmod > 4
               and a.atttypid in ('varchar'::regtype, 'bpchar'::regtype)) > 2000;
end $$;

create or replace function dsql_local.is_key(t text, k text) returns boolean language sql stable as $$
  select exists (select from pg_index i
                   join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
                  where i.indrelid = to_regclass(t) and i.indisprimary and a.attname = k)
$$;

create or replace function dsql_local.columns_of(t text) returns bigint language sql stable as $$
  select count(*) from pg_attribute
   where attrelid = to_regclass(t) and attnum > 0 and not attisdropped
$$;

-- PostgreSQL keeps settings that it does not know under a prefix only.
create or replace function dsql_local.name_beneath(setting text) returns text language sql immutable as $$
  select case lower(setting) when 'disable_sync_create_index' then 'dsql.disable_sync_create_index'
              else setting end
$$;

create or replace function sys.current_setting(setting text, missing_ok boolean default false)
returns text language sql stable as $$
  select case lower(setting) when 'server_version' then '16.15' when 'server_version_num' then '160015'
              when 'max_connections' then '20'
              else pg_catalog.current_setting(dsql_local.name_beneath(setting), missing_ok) end
$$;

create or replace function sys.set_config(setting text, value text, is_local boolean)
returns text language sql volatile as $$
  select pg_catalog.set_config(dsql_local.name_beneath(setting), value, is_local)
$$;

create or replace view sys.pg_settings as
select name, case name when 'server_version' then '16.15' when 'server_version_num' then '160015'
                       when 'max_connections' then '20' else setting end as setting,
       unit, category, short_desc, extra_desc, context, vartype, source, min_val, max_val, enumvals,
       boot_val, reset_val, sourcefile, sourceline, pending_restart
  from pg_catalog.pg_settings;

-- More than the service allows of a kind of thing. One that counts itself is already there.
create or replace function dsql_local.room_for(kind text, most integer)
returns boolean language sql stable as $$
  select case kind
    when 'schema' then (select count(*) from pg_namespace
                         where nspname !~ '^pg_' and nspname not in
                               ('public', 'sys', 'information_schema', 'dsql_local'))
    else (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.relkind = kind::"char" and n.nspname !~ '^pg_'
             and n.nspname not in ('sys', 'information_schema', 'dsql_local'))
  end < most
$$;

-- An index as the service leaves it behind: there, held to, and not valid yet.
create or replace function dsql_local.submit(job text, kind text, rel oid, name text, what text, stmt text)
returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  delete from dsql_local.jobs
   where status in ('completed', 'failed') and update_time < clock_timestamp() - interval '30 minutes';
  if what <> 'validate' then
    update pg_index set indisvalid = false, indisunique = indisunique or what = 'duplicates'
     where indexrelid = rel;
  end if;
  insert into dsql_local.jobs (job_id, status, job_type, class_id, object_id, object_name, work, sql)
  values (job, 'submitted', kind, 'pg_class'::regclass, rel, name, what, stmt);
end $$;

-- With its schema, whatever the search_path.
create or replace function dsql_local.name_of(rel oid) returns text language sql stable as $$
  select format('%s.%I', relnamespace::regnamespace, relname) from pg_class where oid = rel
$$;

create or replace function dsql_local.start_index(t text, stmt text)
returns table (job_id text) language plpgsql volatile as $$
declare
  rel oid := to_regclass(t);
  before oid[] := array(select indexrelid from pg_index where indrelid = rel);
  made oid;
  what text := 'index';
  keyless text;
  job text := dsql_local.new_job_id();
begin
  begin
    execute stmt;
  exception
    when unique_violation then
      -- An index over duplicates that refuses further ones.
      execute regexp_replace(stmt, '^(\s*create\s+)unique', '\1', 'i');
      what := 'duplicates';
    when undefined_object then
      -- PostgreSQL too has types without an order, and words of its own for them.
      if sqlerrm !~ '^data type .* has no default operator class' then raise; end if;
      raise exception 'datatype % is not supported in a key', substring(sqlerrm from '^data type (.*) has no ')
        using errcode = '0A000';
  end;
  select indexrelid into made from pg_index
   where indrelid = to_regclass(t) and not (indexrelid = any(before));
  if made is null then return; end if;
  -- Of an expression only the index itself knows the type.
  select format_type(a.atttypid, null) into keyless
    from pg_attribute a join pg_index i on i.indexrelid = a.attrelid join pg_type t on t.oid = a.atttypid
   where a.attrelid = made and a.attnum <= i.indnkeyatts
     and (t.typcategory = 'A' or t.typname in ('json', 'jsonb', 'bytea', 'interval', 'timetz'))
   order by a.attnum limit 1;
  if keyless is not null then
    raise exception 'datatype % is not supported in a key', keyless using errcode = '0A000';
  end if;
  perform dsql_local.submit(job, 'INDEX_BUILD', made, dsql_local.name_of(made), what, stmt);
  return query select job;
end $$;

create or replace function dsql_local.start_validate(t text, stmt text)
returns table (job_id text) language plpgsql volatile as $$
declare
  job text := dsql_local.new_job_id();
begin
  perform dsql_local.submit(job, 'VALIDATE_CONSTRAINT', t::regclass, dsql_local.name_of(t::regclass), 'validate', stmt);
  return query select job;
end $$;

create or replace function dsql_local.iam(grants boolean, role text, arn text)
returns void language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
  if not exists (select from pg_roles where rolname = role) then
    raise exception 'role "%" does not exist', role using errcode = '42704';
  end if;
  if grants then
    insert into dsql_local.iam_mappings values (role, arn) on conflict do nothing;
  else
    delete from dsql_local.iam_mappings m where m.pg_role_name = role and m.arn = iam.arn;
  end if;
end $$;

create or replace procedure sys.wait_for_job(job text, inout wait_for_job boolean default null)
language plpgsql as $$
declare
  found_status text;
begin
  if job !~ '^[a-z2-7]{26}$' then
    raise exception 'Unable to convert text to UUID' using errcode = '22P02';
  end if;
  for i in 1..60000 loop
    select status into found_status from sys.jobs j where j.job_id = job;
    exit when found_status is null or found_status in ('completed', 'failed');
    commit;
    perform pg_sleep(0.01);
  end loop;
  wait_for_job := coalesce(found_status = 'completed', false);
end $$;

-- A new version of rows that were locked, so that whoever read them before meets a change.
create or replace function dsql_local.touch(t regclass, ids tid[])
returns void language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  col name;
begin
  select attname into col from pg_attribute
   where attrelid = t and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'
   order by attnum desc limit 1;
  execute format('update only %s set %I = %I where ctid = any($1)', t, col, col) using ids;
end $$;

-- A private copy that stands before the table for the rest of the transaction.
create or replace function dsql_local.copy_of(t text, with_rows boolean)
returns void language plpgsql volatile security definer set client_min_messages = error as $$
declare
  src regclass := t::regclass;
  tab name := (select relname from pg_class where oid = src);
  cols text := (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
                 where attrelid = src and attnum > 0 and not attisdropped and attgenerated = '');
  seq record;
begin
  execute format('create temp table %I (like %s including all excluding identity) on commit drop',
                 tab, src);
  for seq in select attname, pg_get_serial_sequence(src::text, attname) as name
               from pg_attribute where attrelid = src and attidentity <> '' loop
    execute format('alter table pg_temp.%I alter column %I set default nextval(%L)',
                   tab, seq.attname, seq.name);
  end loop;
  if with_rows then
    execute format('insert into pg_temp.%I (%s) select %s from %s', tab, cols, cols, src);
  end if;
  execute format('grant all on pg_temp.%I to public', tab);
end $$;

-- What this transaction has written to a table: bytes in all, the longest row, value and key.
create or replace function dsql_local.weigh(
  t text, out total bigint, out longest_row bigint, out longest_value bigint,
  out value_type text, out longest_key bigint)
language plpgsql stable security definer as $$
declare
  src regclass := t::regclass;
  sizes text;
  sum_of text;
  keys text;
  columns_of record;
  mine xid := pg_current_xact_id_if_assigned()::xid;
begin
  if mine is null or (select relkind from pg_class where oid = src) <> 'r' then return; end if;
  select string_agg(size, ', ' order by attnum) as sizes,
         string_agg(format('coalesce(%s, 0)', size), ' + ') as total,
         string_agg(format('c%s', attnum), ', ' order by attnum) as names,
         string_agg(format('(c%s, %L)', attnum, type), ', ') as pairs
    into columns_of
    from (select attnum, format_type(atttypid, null) as type,
                 case when atttypid in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'bytea'::regtype)
                      then format('octet_length(%I)', attname)
                      when atttypid in ('json'::regtype, 'jsonb'::regtype)
                      then format('octet_length(%I::text)', attname)
                      else format('pg_column_size(%I)', attname) end as size
            from pg_attribute
           where attrelid = src and attnum > 0 and not attisdropped) c;
  sizes := columns_of.sizes;
  sum_of := columns_of.total;
  -- A secondary index carries the primary key too; each further column costs some bytes.
  select coalesce(string_agg(size, ', '), '0') into keys
    from (select string_agg(
                   case when a.atttypid in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
                        then format('coalesce(octet_length(%I), 0)', a.attname)
                        else format('coalesce(pg_column_size(%I), 0)', a.attname) end, ' + ')
                 || format(' + %s', 7 * (count(*) - 1)) as size
            from pg_index i
            left join pg_index p on p.indrelid = i.indrelid and p.indisprimary
            join pg_attribute a on a.attrelid = i.indrelid
             and (a.attnum = any((i.indkey::smallint[])[0:i.indnkeyatts - 1])
                  or a.attnum = any((p.indkey::smallint[])[0:p.indnkeyatts - 1]))
           where i.indrelid = src group by i.indexrelid) k;
  execute format(
    'select coalesce(sum(24 + %s), 0), max(%s), max(greatest(%s)), max(greatest(%s)) from %s where age(xmin) <= age($1)',
    sum_of, sum_of, sizes, keys, src)
    into total, longest_row, longest_value, longest_key using mine;
  if longest_value > 1048576 then
    execute format(
      'select v.type from (select %s from %s where age(xmin) <= age($1)) m(%s), lateral (values %s) v(size, type)
        order by v.size desc nulls last limit 1', columns_of.sizes, src, columns_of.names, columns_of.pairs)
      into value_type using mine;
  end if;
end $$;

-- The unique index of which the snapshot shows a key twice, one of them written by this transaction.
create or replace function dsql_local.seen_twice(t text) returns text language plpgsql stable
security definer as $$
declare
  src regclass := t::regclass;
  one record;
  twice boolean;
  mine xid := pg_current_xact_id_if_assigned()::xid;
begin
  for one in
    select i.indexrelid::regclass as index, c.relname,
           string_agg(format(case when i.indnullsnotdistinct then 'a.%1$I is not distinct from b.%1$I'
                                  else 'a.%1$I = b.%1$I' end, k.attname), ' and ') as same
      from pg_index i join pg_class c on c.oid = i.indexrelid
      join pg_attribute k on k.attrelid = src and k.attnum = any((i.indkey::smallint[])[0:i.indnkeyatts - 1])
     where i.indrelid = src and i.indisunique and i.indexprs is null and i.indpred is null
     group by i.indexrelid, c.relname
  loop
    -- OFFSET keeps the planner from concluding from the index that there can be no second row.
    execute format(
      'select exists (select from (select *, ctid as place from %1$s where age(xmin) <= age($1) offset 0) a
                        join (select *, ctid as place from %1$s offset 0) b
                          on b.place <> a.place and %2$s)', src, one.same)
      into twice using mine;
    if twice then return one.relname; end if;
  end loop;
  return null;
end $$;

create or replace function dsql_local.rows_written() returns bigint language sql volatile as $$
  select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
    from pg_stat_xact_user_tables where schemaname not in ('dsql_local', 'pg_temp')
$$;

create or replace function dsql_local.inject(spec text) returns text language sql as $$ select spec $$;
create or replace function dsql_local.clear() returns text language sql as $$ select 'cleared' $$;
create or replace function dsql_local.status() returns text language sql as $$ select '' $$;

-- The schema public is the admin's alone: other roles are given schemas of their own.
revoke all on schema public from public;
grant usage on schema sys, dsql_local to public;
grant select on all tables in schema sys to public;
grant select on dsql_local.jobs, dsql_local.iam_mappings to public;
