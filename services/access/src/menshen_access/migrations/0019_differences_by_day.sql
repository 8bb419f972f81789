-- Differences go with the events they name, and those with their days.
CREATE INDEX shadow_difference_by_day ON shadow_difference (day, site);

-- Those whose events went before: day by day, so that no other partition is locked.
DO $$
DECLARE
    named date;
BEGIN
    FOR named IN SELECT DISTINCT day FROM shadow_difference LOOP
        EXECUTE format(
            'WITH gone AS (
                DELETE FROM shadow_difference AS d WHERE d.day = %1$L AND NOT EXISTS (
                    SELECT FROM event AS e
                    WHERE e.site = d.site AND e.day = %1$L AND e.event_id = d.event_id AND e.kind = d.kind)
                RETURNING d.site, d.shadow_id
            )
            UPDATE shadow AS s SET kept = s.kept - n.number
            FROM (SELECT site, shadow_id, count(*) AS number FROM gone GROUP BY site, shadow_id) AS n
            WHERE s.site = n.site AND s.shadow_id = n.shadow_id', named);
    END LOOP;
END
$$;
