CREATE TABLE vehicles (
    vehicle_id text COLLATE "C" PRIMARY KEY,
    site text COLLATE "C" NOT NULL,
    sites text [] NOT NULL,
    vehicle_class smallint NOT NULL,
    plate text COLLATE "C" NOT NULL,
    owner_id text COLLATE "C" NOT NULL,
    owner_category text NOT NULL,
    external_ref text COLLATE "C" NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    CHECK (site = ANY (sites))
);
CREATE UNIQUE INDEX vehicles_by_plate ON vehicles (plate) WHERE plate <> '';
CREATE UNIQUE INDEX vehicles_by_reference ON vehicles (external_ref) WHERE external_ref <> '';

CREATE TABLE permits (
    permit_id text COLLATE "C" PRIMARY KEY,
    vehicle_id text COLLATE "C" NOT NULL REFERENCES vehicles,
    state smallint NOT NULL,
    valid_from_ms bigint NOT NULL,
    valid_to_ms bigint NOT NULL,
    external_ref text COLLATE "C" NOT NULL
);
CREATE INDEX permits_by_vehicle ON permits (vehicle_id);

-- The history of every tag. An EPC has one live binding; rows are never deleted.
CREATE TABLE tag_bindings (
    binding_id text COLLATE "C" PRIMARY KEY,
    vehicle_id text COLLATE "C" NOT NULL REFERENCES vehicles,
    epc text COLLATE "C" NOT NULL,
    tid text COLLATE "C" NOT NULL,
    state smallint NOT NULL,
    is_live boolean NOT NULL,
    bound_at_ms bigint NOT NULL,
    ended_at_ms bigint NOT NULL,
    bound_by text NOT NULL,
    CHECK (is_live = (ended_at_ms = 0))
);
CREATE INDEX tag_bindings_by_vehicle ON tag_bindings (vehicle_id, bound_at_ms);
CREATE INDEX tag_bindings_by_epc ON tag_bindings (epc, bound_at_ms);
CREATE UNIQUE INDEX tag_bindings_live ON tag_bindings (epc) WHERE is_live;

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
    new_permit_id text COLLATE "C" NOT NULL,
    new_binding_id text COLLATE "C" NOT NULL,
    site text COLLATE "C" NOT NULL,
    sites text [],
    vehicle_class smallint NOT NULL,
    plate text COLLATE "C",
    owner_id text COLLATE "C",
    owner_category text,
    external_ref text COLLATE "C" NOT NULL,
    epc text COLLATE "C" NOT NULL,
    tid text COLLATE "C" NOT NULL,
    has_permit boolean NOT NULL,
    permit_from_ms bigint NOT NULL,
    permit_to_ms bigint NOT NULL,
    actor text NOT NULL,
    at_ms bigint NOT NULL,
    vehicle_id text COLLATE "C",
    is_new boolean,
    permit_id text COLLATE "C",
    binding_id text COLLATE "C",
    PRIMARY KEY (import_id, line)
) WITH (fillfactor = 50);
