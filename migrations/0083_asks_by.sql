-- Who sent the ask, as the audit log names them: `key:…` or `person:…`. Null before this column, and in
-- worlds without callers. No part of what was asked: another of the tenant may send the same again.
-- Written by: server/kernel
alter table asks add column if not exists asked_by text;
