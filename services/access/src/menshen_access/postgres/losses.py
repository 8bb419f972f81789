"""Losses as they are stored: `[passing, losing]` of people and of vehicles, the access points, and what is unseen.

`{}` is uncomputed. Access points stored as `[id, losing]` do not tell people from vehicles.
"""

import json
from typing import Any

from menshen_access.domain.guarded_change import UNCOMPUTED, Loss, LossCount, PointLoss, Unseen


def text_of_loss(loss: Loss) -> str:
    """The loss as JSON."""
    if not loss.is_computed:
        return "{}"
    counts = {name: [one.passing, one.losing] for name, one in (("people", loss.people), ("vehicles", loss.vehicles))}
    return json.dumps({**counts, "points": loss.points, "unseen": loss.unseen}, ensure_ascii=False)


def loss_of_text(text: str) -> Loss:
    """The loss of JSON."""
    read = json.loads(text)
    if not read:
        return UNCOMPUTED
    people, vehicles = LossCount(*read["people"]), LossCount(*read["vehicles"])
    points = tuple(_point(row, by_vehicles=not people.losing) for row in read["points"])
    return Loss(people, vehicles, points, unseen=tuple(Unseen(*row) for row in read.get("unseen", ())))


def _point(row: list[Any], *, by_vehicles: bool) -> PointLoss:
    name, *counts = row
    if len(counts) == 1:
        # All of them were vehicles where no people lost any, and else are taken for people.
        counts = [0, *counts] if by_vehicles else [*counts, 0]
    return PointLoss(name, *counts)
