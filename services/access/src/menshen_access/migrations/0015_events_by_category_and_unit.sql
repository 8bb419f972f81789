-- The categories and units of the subjects of a decision, by the records it was made on. Empty where a record is not
-- kept, in events recorded before these columns, and once the identity bytes are deleted.
ALTER TABLE event ADD COLUMN categories text [] NOT NULL DEFAULT '{}';
ALTER TABLE event ADD COLUMN units text [] NOT NULL DEFAULT '{}';

CREATE INDEX event_by_membership ON event USING gin (categories, units) WITH (gin_pending_list_limit = 64)
WHERE categories <> '{}';

-- What is not of every passage is rare: found without reading the others.
CREATE INDEX event_by_kind ON event (site, kind, sequence) WHERE kind NOT IN (1, 3, 4);
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX event_by_outcome;
CREATE INDEX event_by_outcome ON event (site, outcome, sequence) WHERE outcome > 1;
