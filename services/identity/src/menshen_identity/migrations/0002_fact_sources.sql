-- How far each source of facts has reported to a site.
CREATE TABLE fact_sources (
    site text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    complete_to_ms bigint NOT NULL,
    PRIMARY KEY (site, source)
);
