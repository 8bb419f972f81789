-- name: next_position
INSERT INTO alarm_head AS head (site, position) VALUES ($1, 1)
ON CONFLICT (site) DO UPDATE SET position = head.position + 1
RETURNING position

-- name: insert_alarm
INSERT INTO alarm (site, alarm_id, kind, state, source, event_id, raised_at_ms, stored_at_ms, escalate_at_ms, detail)
VALUES ($1, $2::uuid, $3, 1, $4, $5, $6, $7, $8, $9::jsonb)
ON CONFLICT (site, alarm_id) DO NOTHING
RETURNING alarm_id

-- name: place_alarm
UPDATE alarm SET position = $3 WHERE site = $1 AND alarm_id = $2::uuid

-- name: lock_alarm
SELECT alarm_id, kind, state, source, event_id, raised_at_ms, stored_at_ms, acknowledged_at_ms, owner, closed_at_ms,
       note, escalations, version, position, detail
FROM alarm WHERE site = $1 AND alarm_id = $2::uuid FOR UPDATE

-- name: change_alarm
UPDATE alarm
SET state = $3, acknowledged_at_ms = $4, owner = $5, closed_at_ms = $6, note = $7, version = version + 1
WHERE site = $1 AND alarm_id = $2::uuid

-- name: list_alarms
SELECT alarm_id, kind, state, source, event_id, raised_at_ms, stored_at_ms, acknowledged_at_ms, owner, closed_at_ms,
       note, escalations, version, position, detail
FROM alarm
WHERE site = $1 AND raised_at_ms >= $2 AND ($3 = 0 OR state = $3) AND ($4 = 0 OR kind = $4)
ORDER BY raised_at_ms DESC, alarm_id DESC
LIMIT 1000

-- name: open_alarms
SELECT alarm_id, kind, state, source, event_id, raised_at_ms, stored_at_ms, acknowledged_at_ms, owner, closed_at_ms,
       note, escalations, version, position, detail
FROM alarm WHERE site = $1 AND state < 4 ORDER BY position LIMIT 5000

-- name: alarms_after
SELECT alarm_id, kind, state, source, event_id, raised_at_ms, stored_at_ms, acknowledged_at_ms, owner, closed_at_ms,
       note, escalations, version, position, detail
FROM alarm WHERE site = $1 AND position > $2 ORDER BY position LIMIT 500

-- name: alarm_position
SELECT position FROM alarm_head WHERE site = $1

-- name: unowned
SELECT site, alarm_id::text AS alarm_id FROM alarm
WHERE owner = '' AND closed_at_ms = 0 AND escalate_at_ms <= $1
ORDER BY escalate_at_ms LIMIT 100

-- name: escalate
UPDATE alarm SET escalations = escalations + 1, escalate_at_ms = $3, version = version + 1
WHERE site = $1 AND alarm_id = $2::uuid AND owner = '' AND closed_at_ms = 0 AND escalate_at_ms <= $4
RETURNING alarm_id

-- name: put_zone
INSERT INTO zone (site, zone_id, name_zh, name_en, doors, areas, external_ref) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (site, zone_id) DO UPDATE
SET name_zh = $3, name_en = $4, doors = $5, areas = $6, external_ref = $7

-- name: list_zones
SELECT zone_id, name_zh, name_en, doors, areas, external_ref, release_id, released_at_ms, ended_release_id, ended_at_ms,
       EXISTS (SELECT FROM panel WHERE panel.site = zone.site AND panel.zone_id = zone.zone_id AND panel.state = 2)
           AS panel_in_alarm
FROM zone WHERE site = $1 ORDER BY zone_id

-- name: lock_zone
SELECT zone_id, name_zh, name_en, doors, areas, external_ref, release_id, released_at_ms, ended_release_id, ended_at_ms,
       EXISTS (SELECT FROM panel WHERE panel.site = zone.site AND panel.zone_id = zone.zone_id AND panel.state = 2)
           AS panel_in_alarm
FROM zone WHERE site = $1 AND zone_id = $2 FOR UPDATE

-- name: begin_release
UPDATE zone SET release_id = $3, released_at_ms = $4 WHERE site = $1 AND zone_id = $2

-- name: end_release
UPDATE zone SET release_id = '', ended_release_id = release_id, ended_at_ms = $3 WHERE site = $1 AND zone_id = $2

-- name: put_panel
INSERT INTO panel (site, zone_id, agent_id, state, at_ms) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (site, zone_id, agent_id) DO UPDATE SET state = $4, at_ms = $5

-- name: put_release_door
INSERT INTO release_door (site, release_id, door, zone_id, released, commanded_at_ms, commanded_after_ms,
                          confirmed_after_ms, stuck)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (site, release_id, door) DO UPDATE
SET released = $5, commanded_at_ms = $6,
    commanded_after_ms = greatest(release_door.commanded_after_ms, $7),
    confirmed_after_ms = greatest(release_door.confirmed_after_ms, $8),
    stuck = $9

-- name: release_doors
SELECT door, zone_id, released, commanded_at_ms, commanded_after_ms, confirmed_after_ms, stuck, release_id
FROM release_door WHERE site = $1 AND release_id = $2

-- name: put_forgiveness
INSERT INTO forgiveness (site, release_id, areas) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: pending_forgiveness
SELECT site, release_id, areas FROM forgiveness WHERE done_at_ms = 0 ORDER BY site, release_id LIMIT 100

-- name: end_forgiveness
UPDATE forgiveness SET done_at_ms = $3 WHERE site = $1 AND release_id = $2

-- name: insert_audit
INSERT INTO audit (site, at_ms, caller, action, subject, reason) VALUES ($1, $2, $3, $4, $5, $6)

-- name: notify
SELECT pg_notify('menshen_safety_' || $1, $2)
