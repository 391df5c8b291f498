-- What was asked about a purchase after it was made: captures, extensions, releases, refunds, those
-- declined too. A commit or a hold is its own purchase and is not in it, so a sale writes no more.
create index /*async*/ if not exists asks_on_purchase on asks (purchase_id) where purchase_id <> ask_id;
