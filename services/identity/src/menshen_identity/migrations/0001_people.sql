CREATE TABLE organisations (
    organisation_id text COLLATE "C" PRIMARY KEY,
    site text COLLATE "C" NOT NULL,
    parent_id text COLLATE "C" NOT NULL DEFAULT '',
    name_zh text NOT NULL,
    name_en text NOT NULL,
    external_ref text COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX organisations_by_site ON organisations (site);
CREATE UNIQUE INDEX organisations_by_reference ON organisations (external_ref) WHERE external_ref <> '';

CREATE TABLE cardholders (
    cardholder_id text COLLATE "C" PRIMARY KEY,
    site text COLLATE "C" NOT NULL,
    sites text [] NOT NULL,
    category text COLLATE "C" NOT NULL,
    groups text [] NOT NULL,
    name text NOT NULL,
    organisation_id text COLLATE "C" NOT NULL,
    photo_ref text NOT NULL,
    external_ref text COLLATE "C" NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    CHECK (site = ANY (sites))
);
CREATE UNIQUE INDEX cardholders_by_reference ON cardholders (external_ref) WHERE external_ref <> '';

CREATE TABLE credentials (
    credential_id text COLLATE "C" PRIMARY KEY,
    cardholder_id text COLLATE "C" NOT NULL REFERENCES cardholders,
    state smallint NOT NULL,
    valid_from_ms bigint NOT NULL,
    valid_to_ms bigint NOT NULL,
    external_ref text COLLATE "C" NOT NULL,
    changed_at_ms bigint NOT NULL
);
CREATE INDEX credentials_by_cardholder ON credentials (cardholder_id);

-- An identifier belongs to one live credential. A former one is superseded once another took the identifier over.
CREATE TABLE credential_identifiers (
    credential_id text COLLATE "C" NOT NULL REFERENCES credentials,
    type smallint NOT NULL,
    value text COLLATE "C" NOT NULL,
    is_live boolean NOT NULL,
    is_superseded boolean NOT NULL DEFAULT false,
    PRIMARY KEY (credential_id, type, value),
    CHECK (NOT (is_live AND is_superseded))
);
CREATE UNIQUE INDEX credential_identifiers_live ON credential_identifiers (type, value) WHERE is_live;
CREATE INDEX credential_identifiers_by_value ON credential_identifiers (type, value);

CREATE TABLE pins (
    cardholder_id text COLLATE "C" PRIMARY KEY REFERENCES cardholders,
    verifier bytea NOT NULL,
    duress_verifier bytea NOT NULL
);

CREATE TABLE facts (
    cardholder_id text COLLATE "C" NOT NULL REFERENCES cardholders,
    type text COLLATE "C" NOT NULL,
    value text NOT NULL,
    source text NOT NULL,
    valid_from_ms bigint NOT NULL,
    valid_to_ms bigint NOT NULL,
    reported_at_ms bigint NOT NULL,
    PRIMARY KEY (cardholder_id, type)
);

CREATE TABLE list_entries (
    entry_id text COLLATE "C" PRIMARY KEY,
    cardholder_id text COLLATE "C" NOT NULL REFERENCES cardholders,
    kind smallint NOT NULL,
    access_point text COLLATE "C" NOT NULL,
    scope_site text COLLATE "C" NOT NULL,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    reason_code text NOT NULL,
    source text NOT NULL
);
CREATE INDEX list_entries_by_cardholder ON list_entries (cardholder_id);

CREATE TABLE visits (
    visit_id text COLLATE "C" PRIMARY KEY,
    site text COLLATE "C" NOT NULL,
    cardholder_id text COLLATE "C" NOT NULL REFERENCES cardholders,
    host_id text COLLATE "C" NOT NULL REFERENCES cardholders,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    access_points text [] NOT NULL,
    state smallint NOT NULL,
    single_entry boolean NOT NULL,
    external_ref text COLLATE "C" NOT NULL
);
CREATE INDEX visits_by_cardholder ON visits (cardholder_id);
CREATE INDEX visits_by_window ON visits (site, from_ms, visit_id);
CREATE UNIQUE INDEX visits_by_reference ON visits (external_ref) WHERE external_ref <> '';

-- Who changed what, when and why; never the values of personal data.
CREATE TABLE audit (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    site text NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    reason text NOT NULL
);
CREATE INDEX audit_by_target ON audit (target_id, at_ms);

CREATE TABLE feed_head (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    epoch bigint NOT NULL,
    position bigint NOT NULL
);
INSERT INTO feed_head (epoch, position) VALUES ((extract(EPOCH FROM now()) * 1000)::bigint, 0);

CREATE TABLE feed_entries (
    entry_id text COLLATE "C" NOT NULL,
    site text COLLATE "C" NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    urgent_position bigint NOT NULL DEFAULT 0,
    is_removed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (entry_id, site)
);
CREATE INDEX feed_entries_in_order ON feed_entries (site, position);
CREATE INDEX feed_entries_urgent ON feed_entries (site, urgent_position) WHERE urgent_position > 0;

CREATE TABLE imports (
    import_id text COLLATE "C" PRIMARY KEY,
    site text COLLATE "C" NOT NULL,
    actor text NOT NULL,
    state text NOT NULL CHECK (state IN ('RECEIVING', 'PUBLISHING', 'DONE', 'FAILED')),
    at_ms bigint NOT NULL,
    rows integer NOT NULL DEFAULT 0,
    created integer NOT NULL DEFAULT 0,
    changed integer NOT NULL DEFAULT 0,
    published_line integer NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- NULL stands for a column the file does not have: what is stored stays. The last four columns are resolved when the
-- row is published.
CREATE TABLE staged_rows (
    import_id text COLLATE "C" NOT NULL,
    line integer NOT NULL,
    given_id text COLLATE "C" NOT NULL,
    new_id text COLLATE "C" NOT NULL,
    new_credential_id text COLLATE "C" NOT NULL,
    site text COLLATE "C" NOT NULL,
    sites text [],
    category text COLLATE "C" NOT NULL,
    groups text [],
    name text NOT NULL,
    organisation text COLLATE "C",
    photo_ref text,
    external_ref text COLLATE "C" NOT NULL,
    card text COLLATE "C" NOT NULL,
    card_state smallint,
    valid_from_ms bigint,
    valid_to_ms bigint,
    fact_types text [] NOT NULL,
    fact_values text [] NOT NULL,
    at_ms bigint NOT NULL,
    cardholder_id text COLLATE "C",
    is_new boolean,
    organisation_id text COLLATE "C",
    credential_id text COLLATE "C",
    PRIMARY KEY (import_id, line)
) WITH (fillfactor = 50);
