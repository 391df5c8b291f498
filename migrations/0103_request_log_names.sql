-- What a request was about, by its id: that of its path, or of what its answer says was made. And which
-- program sent it, as it says itself. Requests from before have neither.
alter table request_log add column if not exists subject_id text;

-- step
alter table request_log add column if not exists user_agent text;

-- step
create index /*async*/ if not exists request_log_by_id on request_log (request_id);
