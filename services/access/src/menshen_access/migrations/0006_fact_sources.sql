-- How far each source of facts has reported, as identity told, and whether decisions take it for stale. A change of
-- is_stale is a change of the site's holds version.
CREATE TABLE fact_source (
    site text NOT NULL,
    source text NOT NULL,
    complete_to_ms bigint NOT NULL,
    is_stale boolean NOT NULL DEFAULT false,
    PRIMARY KEY (site, source)
);
