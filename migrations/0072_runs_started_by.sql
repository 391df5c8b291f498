-- Who asked for a run, as the audit log names them: `person:<id>` or `key:<id>`. Runs from before have none.
alter table runs add column if not exists started_by text;
