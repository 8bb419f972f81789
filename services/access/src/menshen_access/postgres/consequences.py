"""Reviews and alarms that follow from events, written in the transaction that records them."""

import json
from collections.abc import Sequence

from menshen_servicekit.postgres import Connection

from menshen_access.domain.administration import Review, WaitingAlarm
from menshen_access.postgres.sites import QUERIES, notify


async def put_reviews(connection: Connection, site: str, reviews: Sequence[Review]) -> None:
    """Open the reviews. The lock of review_head orders positions; it is taken after that of the head row."""
    base = await connection.fetchval(QUERIES.take_review_positions, site, len(reviews))
    rows = [
        (
            site,
            review.review_id,
            base + step,
            review.event_id,
            review.agent_id,
            review.access_point,
            list(review.subject_ids),
            review.reasons,
            int(review.state),
            review.opened_at_ms,
            review.expires_at_ms,
            review.opens_itself,
        )
        for step, review in enumerate(reviews, start=1)
    ]
    await connection.executemany(QUERIES.insert_review, rows)
    await notify(connection, "reviews", site)


async def put_alarms(connection: Connection, alarms: Sequence[WaitingAlarm]) -> None:
    """Queue the alarms for safety; one that is queued already stays as it is."""
    rows = [
        (
            alarm.alarm_id,
            alarm.site,
            alarm.kind,
            alarm.source,
            alarm.event_id,
            alarm.raised_at_ms,
            json.dumps(dict(alarm.detail), ensure_ascii=False),
        )
        for alarm in alarms
    ]
    await connection.executemany(QUERIES.insert_alarm, rows)
    await notify(connection, "alarms", alarms[0].site)
