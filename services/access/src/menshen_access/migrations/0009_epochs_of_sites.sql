-- A site begins with an epoch of its own, so that a cursor of another site is one of another epoch and is refused.
-- Sites that exist keep theirs: cursors in the field stand in it.
ALTER TABLE site ALTER COLUMN epoch SET DEFAULT 1 + floor(random() * 1099511627776)::bigint;
