-- What a server must know to serve with this step taken: the number of its newest migration at least. 0: any
-- may. From here on every step says it, so a server of before finds out whether it may go on.
alter table schema_migrations add column if not exists needs integer;
