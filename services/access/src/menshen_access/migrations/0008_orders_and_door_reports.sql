-- What operators command at access points. command: 1 PULSE, 2 HOLD_OPEN, 3 SECURE, 4 RESTORE. 2 and 3 are orders: in
-- force until `until_ms` unless `ended_at_ms` says otherwise; for the others `until_ms` is when it is too late to obey.
-- `ended_id` is the order a RESTORE ended. `reached_at_ms`: when a process told the agent of the access point, 0 for none.
CREATE TABLE operator_command (
    site text NOT NULL,
    command_id uuid NOT NULL,
    access_point text NOT NULL,
    command smallint NOT NULL,
    origin text NOT NULL,
    reason text NOT NULL,
    given_at_ms bigint NOT NULL,
    until_ms bigint NOT NULL,
    request_id text NOT NULL,
    ended_id text NOT NULL,
    ended_at_ms bigint,
    reached_at_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site, command_id)
);
CREATE UNIQUE INDEX order_in_force ON operator_command (site, access_point)
WHERE command IN (2, 3) AND ended_at_ms IS NULL;
CREATE UNIQUE INDEX command_by_request ON operator_command (site, origin, request_id) WHERE request_id <> '';
CREATE INDEX command_by_time ON operator_command (site, given_at_ms);

-- The latest instant at which a door said something of a hold, an order or a pulse, or, under the id of zeros, whatever
-- secures it; it follows from recorded events.
-- said: 1 SECURED, 2 NOT_SECURED, 3 OPENED, 4 REFUSED.
CREATE TABLE door_report (
    site text NOT NULL,
    cause_id uuid NOT NULL,
    door text NOT NULL,
    said smallint NOT NULL,
    at_ms bigint NOT NULL,
    PRIMARY KEY (site, cause_id, door, said)
);

-- Doors about which the control room was alarmed, once for each hold or order.
CREATE TABLE unsecured_alarm (
    site text NOT NULL,
    cause_id uuid NOT NULL,
    door text NOT NULL,
    raised_at_ms bigint NOT NULL,
    PRIMARY KEY (site, cause_id, door)
);
