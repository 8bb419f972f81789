-- Refusals, reviews and reasons are rare among events: found without reading the others.
CREATE INDEX event_by_outcome ON event (site, outcome, sequence) WHERE outcome > 2;
CREATE INDEX event_with_reasons ON event (site, sequence) WHERE reason_codes <> '{}';

-- Every search of a subject reads the whole pending list of a day's index: 64 kB of it, not 4 MB.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX event_by_subject;
CREATE INDEX event_by_subject ON event USING gin (subject_ids) WITH (gin_pending_list_limit = 64);
