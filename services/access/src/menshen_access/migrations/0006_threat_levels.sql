-- Every threat level that was set, by the version of the site's circumstances that came of it. An empty area is the whole
-- site. The last one of an area stands; 0 is normal.
CREATE TABLE threat_level (
    site text NOT NULL,
    holds_version bigint NOT NULL,
    area text NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 5),
    origin text NOT NULL,
    reason text NOT NULL,
    set_at_ms bigint NOT NULL,
    PRIMARY KEY (site, holds_version)
);
CREATE INDEX threat_level_by_area ON threat_level (site, area, holds_version DESC);

CREATE TRIGGER threat_level_only_grows BEFORE UPDATE OR DELETE ON threat_level
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- When each source of facts last reported anything about anybody of a site, 0 for never, and whether it was found past
-- its bound.
CREATE TABLE fact_source (
    site text NOT NULL,
    source text NOT NULL,
    reported_at_ms bigint NOT NULL DEFAULT 0,
    stale boolean NOT NULL DEFAULT false,
    PRIMARY KEY (site, source)
);
