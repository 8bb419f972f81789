-- What was recorded under an id is known for ever: no event is recorded again, and a deleted one is not unknown.
CREATE INDEX event_chain_by_event ON event_chain (site, event_id);

-- Further classes of a retention_run: 3 CORE, 4 SUBJECT_VERSIONS, 5 PLAN_VERSIONS, 6 CIRCUMSTANCES_VERSIONS.

-- When a version was stored, by the server's clock: ages of versions are months. Those before this column were stored at
-- the latest when it was added; the default is computed once, and no row is written for it.
ALTER TABLE subject_version
-- squawk-ignore adding-field-with-default
ADD COLUMN stored_at_ms bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;

-- Versions that events kept beyond their age name. kind: 4, 5 and 6 as of a retention_run; `subject_id` is empty but for
-- subjects. Version 0 names all of the subject. Rows of a run take the place of those of the runs before it.
CREATE TABLE cited_version (
    site text NOT NULL,
    kind smallint NOT NULL,
    subject_id text NOT NULL,
    version bigint NOT NULL,
    run_ms bigint NOT NULL,
    PRIMARY KEY (site, kind, subject_id, version)
);

-- Circumstances stay as they were for as long as they are kept.
DROP TRIGGER circumstances_version_only_grows ON circumstances_version;
CREATE TRIGGER circumstances_version_stays BEFORE UPDATE ON circumstances_version
FOR EACH ROW EXECUTE FUNCTION refuse_change();
