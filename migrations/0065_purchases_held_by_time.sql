-- Holds by the end of their time, whatever they hold: for the round that gives expired ones back.
create index /*async*/ if not exists purchases_held_by_time
  on purchases (expires_at, purchase_id) where state = 'held';
