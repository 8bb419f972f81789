-- Statements of the cardholder import. A batch is the staged rows of import $1 with $2 < line <= $3.
-- Identifier type 1 is CARD. OFFSET 0 keeps a look-up by card on the inside of its join.

-- What staged rows contradict: each other, or what is stored. $2 is the only site the sender may write to, NULL for
-- any; $3 the states that are live; ($4, $5) the steps of the life cycle.
-- name: check_staged
WITH staged AS (
    SELECT line, given_id, site, external_ref, card, card_state, organisation FROM staged_rows WHERE import_id = $1
), former AS (
    SELECT
        s.line, s.card_state, k.state, c.external_ref = s.external_ref AS is_own, i.is_live,
        EXISTS (
            SELECT FROM credentials AS next
            WHERE next.cardholder_id = k.cardholder_id AND next.replaces = k.credential_id
        ) AS is_succeeded
    FROM staged AS s
    INNER JOIN credential_identifiers AS i ON i.type = 1 AND i.value = s.card AND NOT i.is_superseded
    INNER JOIN credentials AS k ON k.credential_id = i.credential_id
    INNER JOIN cardholders AS c ON c.cardholder_id = k.cardholder_id
    WHERE s.card <> ''
)
SELECT line, 'REPEATED_REFERENCE' AS code
FROM (SELECT line, row_number() OVER (PARTITION BY external_ref ORDER BY line) AS nth FROM staged) AS numbered
WHERE nth > 1
UNION ALL
SELECT line, 'REPEATED_CARD'
FROM (SELECT line, row_number() OVER (PARTITION BY card ORDER BY line) AS nth FROM staged WHERE card <> '') AS numbered
WHERE nth > 1
UNION ALL
SELECT line, 'REPEATED_ID'
FROM (SELECT line, row_number() OVER (PARTITION BY given_id ORDER BY line) AS nth FROM staged WHERE given_id <> '') AS numbered
WHERE nth > 1
UNION ALL
SELECT s.line, 'ORGANISATION_UNKNOWN'
FROM staged AS s
WHERE s.organisation <> '' AND NOT EXISTS (
    SELECT FROM organisations AS o WHERE o.site = s.site AND s.organisation IN (o.organisation_id, o.external_ref)
)
UNION ALL
SELECT s.line, 'ID_TAKEN'
FROM staged AS s
INNER JOIN cardholders AS c ON c.cardholder_id = s.given_id
WHERE c.external_ref <> s.external_ref
UNION ALL
SELECT s.line, 'ID_DIFFERS'
FROM staged AS s
INNER JOIN cardholders AS c ON c.external_ref = s.external_ref AND c.external_ref <> ''
WHERE s.given_id <> '' AND c.cardholder_id <> s.given_id
UNION ALL
SELECT s.line, 'FOREIGN_HOME'
FROM staged AS s
INNER JOIN cardholders AS c ON c.external_ref = s.external_ref AND c.external_ref <> ''
WHERE c.site <> $2
UNION ALL
SELECT line, 'CARD_HELD' FROM former WHERE is_live AND NOT is_own
UNION ALL
SELECT line, 'CARD_SUCCEEDED'
FROM former WHERE is_own AND is_succeeded AND NOT is_live AND card_state = ANY ($3::smallint[])
UNION ALL
SELECT line, 'STATE_STEP'
FROM former
WHERE
    is_own AND state <> card_state AND (is_live OR NOT card_state = ANY ($3::smallint[]))
    AND NOT EXISTS (
        SELECT FROM unnest($4::smallint[], $5::smallint[]) AS step (before, after)
        WHERE step.before = former.state AND step.after = former.card_state
    )
ORDER BY line
LIMIT 100

-- name: last_line
SELECT max(line) FROM (
    SELECT line FROM staged_rows WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3
) AS batch

-- name: batch_cardholders
SELECT c.cardholder_id
FROM staged_rows AS s
INNER JOIN cardholders AS c ON c.external_ref = s.external_ref AND c.external_ref <> ''
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3
UNION
SELECT held.cardholder_id
FROM staged_rows AS s
CROSS JOIN LATERAL (
    SELECT k.cardholder_id
    FROM credential_identifiers AS i
    INNER JOIN credentials AS k ON k.credential_id = i.credential_id
    WHERE i.type = 1 AND i.value = s.card
    OFFSET 0
) AS held
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.card <> ''

-- name: lock_cardholders
SELECT cardholder_id FROM cardholders WHERE cardholder_id = ANY ($1::text[]) ORDER BY cardholder_id FOR UPDATE

-- name: resolve_batch
UPDATE staged_rows AS s SET
    cardholder_id = coalesce(found.cardholder_id, s.new_id),
    is_new = found.cardholder_id IS NULL,
    organisation_id = found.organisation_id,
    credential_id = found.credential_id
FROM (
    SELECT b.line, c.cardholder_id, o.organisation_id, held.credential_id
    FROM staged_rows AS b
    LEFT JOIN cardholders AS c ON c.external_ref = b.external_ref AND c.external_ref <> ''
    LEFT JOIN LATERAL (
        SELECT i.credential_id
        FROM credential_identifiers AS i
        INNER JOIN credentials AS k ON k.credential_id = i.credential_id
        WHERE i.type = 1 AND i.value = b.card AND NOT i.is_superseded AND k.cardholder_id = c.cardholder_id
        AND (i.is_live OR b.card_state IS NULL OR NOT b.card_state = ANY ($4::smallint[]))
        ORDER BY i.is_live DESC
        LIMIT 1
    ) AS held ON b.card <> ''
    LEFT JOIN LATERAL (
        SELECT u.organisation_id
        FROM organisations AS u
        WHERE u.site = b.site AND b.organisation IN (u.organisation_id, u.external_ref)
        LIMIT 1
    ) AS o ON b.organisation <> ''
    WHERE b.import_id = $1 AND b.line > $2 AND b.line <= $3
) AS found
WHERE s.import_id = $1 AND s.line = found.line

-- name: change_cardholders
WITH wanted AS (
    SELECT
        c.cardholder_id, s.site, s.category, s.name,
        coalesce(s.sites, ARRAY(
            SELECT DISTINCT known.site FROM unnest(c.sites || s.site) AS known (site) ORDER BY known.site
        )) AS sites,
        coalesce(s.groups, c.groups) AS groups,
        CASE WHEN s.organisation IS NULL THEN c.organisation_id ELSE coalesce(s.organisation_id, '') END AS organisation_id,
        coalesce(s.photo_ref, c.photo_ref) AS photo_ref
    FROM staged_rows AS s
    INNER JOIN cardholders AS c ON c.cardholder_id = s.cardholder_id
    WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND NOT s.is_new
)
UPDATE cardholders AS c SET
    site = w.site, sites = w.sites, category = w.category, groups = w.groups, name = w.name,
    organisation_id = w.organisation_id, photo_ref = w.photo_ref
FROM wanted AS w
WHERE
    c.cardholder_id = w.cardholder_id
    AND (c.site, c.sites, c.category, c.groups, c.name, c.organisation_id, c.photo_ref)
    IS DISTINCT FROM (w.site, w.sites, w.category, w.groups, w.name, w.organisation_id, w.photo_ref)
RETURNING c.cardholder_id

-- name: create_cardholders
INSERT INTO cardholders
    (cardholder_id, site, sites, category, groups, name, organisation_id, photo_ref, external_ref, version)
SELECT
    s.cardholder_id, s.site, coalesce(s.sites, ARRAY[s.site]), s.category, coalesce(s.groups, '{}'), s.name,
    coalesce(s.organisation_id, ''), coalesce(s.photo_ref, ''), s.external_ref, 1
FROM staged_rows AS s
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.is_new
RETURNING cardholder_id, sites

-- A card that differs from the one the same source gave before takes its place. $4: live states; $5: REPLACED.
-- name: replace_cards
UPDATE credentials AS k SET state = $5, changed_at_ms = s.at_ms
FROM staged_rows AS s
WHERE
    s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.card <> '' AND NOT s.is_new
    AND k.cardholder_id = s.cardholder_id AND k.external_ref = s.external_ref AND k.state = ANY ($4::smallint[])
    AND k.credential_id IS DISTINCT FROM s.credential_id
RETURNING k.cardholder_id, k.credential_id

-- Cards that are issued now are taken over from those who handed them back.
-- name: supersede_cards
UPDATE credential_identifiers AS i SET is_superseded = true
FROM staged_rows AS s, credentials AS k
WHERE
    s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.card <> '' AND s.credential_id IS NULL
    AND i.type = 1 AND i.value = s.card AND NOT i.is_live AND NOT i.is_superseded
    AND k.credential_id = i.credential_id
RETURNING k.cardholder_id

-- name: change_credentials
UPDATE credentials AS k SET
    state = coalesce(s.card_state, k.state),
    valid_from_ms = coalesce(s.valid_from_ms, k.valid_from_ms),
    valid_to_ms = coalesce(s.valid_to_ms, k.valid_to_ms),
    changed_at_ms = CASE WHEN coalesce(s.card_state, k.state) = k.state THEN k.changed_at_ms ELSE s.at_ms END
FROM staged_rows AS s
WHERE
    s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND k.credential_id = s.credential_id
    AND (k.state, k.valid_from_ms, k.valid_to_ms) IS DISTINCT FROM (
        coalesce(s.card_state, k.state), coalesce(s.valid_from_ms, k.valid_from_ms),
        coalesce(s.valid_to_ms, k.valid_to_ms)
    )
RETURNING k.cardholder_id, k.credential_id, k.state

-- name: free_identifiers
UPDATE credential_identifiers SET is_live = false WHERE credential_id = ANY ($1::text[]) AND is_live

-- name: issue_cards
INSERT INTO credentials
    (credential_id, cardholder_id, state, valid_from_ms, valid_to_ms, external_ref, changed_at_ms)
SELECT
    s.new_credential_id, s.cardholder_id, coalesce(s.card_state, $4), coalesce(s.valid_from_ms, 0),
    coalesce(s.valid_to_ms, 0), s.external_ref, s.at_ms
FROM staged_rows AS s
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.card <> '' AND s.credential_id IS NULL
RETURNING cardholder_id

-- name: issue_identifiers
INSERT INTO credential_identifiers (credential_id, type, value, is_live)
SELECT s.new_credential_id, 1, s.card, coalesce(s.card_state, $4) = ANY ($5::smallint[])
FROM staged_rows AS s
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3 AND s.card <> '' AND s.credential_id IS NULL

-- name: report_facts
INSERT INTO facts AS f (cardholder_id, type, value, source, valid_from_ms, valid_to_ms, reported_at_ms)
SELECT s.cardholder_id, given.type, given.value, $4, 0, 0, s.at_ms
FROM staged_rows AS s, unnest(s.fact_types, s.fact_values) AS given (type, value)
WHERE s.import_id = $1 AND s.line > $2 AND s.line <= $3
ON CONFLICT (cardholder_id, type) DO UPDATE SET
    value = excluded.value, source = excluded.source, valid_from_ms = 0, valid_to_ms = 0,
    reported_at_ms = excluded.reported_at_ms
WHERE f.reported_at_ms < excluded.reported_at_ms
RETURNING cardholder_id

-- Those just created have their first version.
-- name: raise_versions
UPDATE cardholders SET version = version + 1 WHERE cardholder_id = ANY ($1::text[]) RETURNING cardholder_id, sites
