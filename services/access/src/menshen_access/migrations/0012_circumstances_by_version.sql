-- What held for a site beside its plan, by version, so that a decision can be made again on what it was made on. Versions
-- taken before this table have no row.
CREATE TABLE circumstances_version (
    site text NOT NULL,
    version bigint NOT NULL,
    encoded bytea NOT NULL,
    stored_at_ms bigint NOT NULL,
    PRIMARY KEY (site, version)
);

CREATE TRIGGER circumstances_version_only_grows BEFORE UPDATE OR DELETE ON circumstances_version
FOR EACH ROW EXECUTE FUNCTION refuse_change();
