ALTER TABLE vehicles ADD COLUMN driver_ids text [] NOT NULL DEFAULT '{}';

-- Bans on entering. Rows are never deleted: one that was taken back says when.
CREATE TABLE suspensions (
    suspension_id text COLLATE "C" PRIMARY KEY,
    vehicle_id text COLLATE "C" NOT NULL REFERENCES vehicles,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    reason_code text NOT NULL,
    until_test boolean NOT NULL,
    lifted_at_ms bigint NOT NULL
);
CREATE INDEX suspensions_by_vehicle ON suspensions (vehicle_id, from_ms);

-- Announced visits; `code` is what the driver shows at the lane.
CREATE TABLE visits (
    visit_id text COLLATE "C" PRIMARY KEY,
    vehicle_id text COLLATE "C" NOT NULL REFERENCES vehicles,
    site text COLLATE "C" NOT NULL,
    host_id text COLLATE "C" NOT NULL,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    access_points text [] NOT NULL,
    state smallint NOT NULL,
    single_entry boolean NOT NULL,
    official_ticket boolean NOT NULL,
    external_ref text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL
);
CREATE INDEX visits_by_vehicle ON visits (vehicle_id, to_ms);
CREATE UNIQUE INDEX visits_by_code ON visits (code);
CREATE UNIQUE INDEX visits_by_reference ON visits (external_ref) WHERE external_ref <> '';
