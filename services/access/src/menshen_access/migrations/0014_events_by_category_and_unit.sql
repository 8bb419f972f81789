-- The categories and units of the subjects of a decision, by the records it was made on. Empty where a record is not
-- kept, in events recorded before these columns, and once the identity bytes are deleted.
ALTER TABLE event ADD COLUMN categories text [] NOT NULL DEFAULT '{}';
ALTER TABLE event ADD COLUMN units text [] NOT NULL DEFAULT '{}';

CREATE INDEX event_by_membership ON event USING gin (categories, units) WITH (gin_pending_list_limit = 64)
WHERE categories <> '{}';
