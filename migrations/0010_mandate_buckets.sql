-- A slice of a mandate's money, and of the room that its period limits leave.
-- A slice whose `…_start` lies in an older period counts as full: the next writer refills it.
-- Written by: server/kernel
create table if not exists mandate_buckets (
  mandate_id       uuid    not null,
  bucket           integer not null check (bucket between 0 and 255),
  tenant_id        uuid    not null,
  remaining_minor  bigint  not null check (remaining_minor >= 0),
  active           boolean not null,
  rules_version    bigint  not null,
  day_start        timestamptz,
  day_left_minor   bigint  check (day_left_minor >= 0),
  week_start       timestamptz,
  week_left_minor  bigint  check (week_left_minor >= 0),
  month_start      timestamptz,
  month_left_minor bigint  check (month_left_minor >= 0),
  version          bigint  not null check (version >= 0),
  constraint mandate_buckets_pkey primary key (mandate_id, bucket)
);
