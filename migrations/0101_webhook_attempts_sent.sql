-- Where an attempt went and with which headers, as JSON: the request as it was sent. Attempts from before
-- have none, nor have those that were given up before anything was sent.
alter table webhook_attempts add column if not exists sent_to text;

-- step
alter table webhook_attempts add column if not exists sent_headers text;
