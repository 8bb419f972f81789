"""Losses as they are stored: `[passing, losing]` of people and of vehicles, and the access points; `{}` uncomputed."""

import json

from menshen_access.domain.guarded_change import UNCOMPUTED, Loss, LossCount


def text_of_loss(loss: Loss) -> str:
    """The loss as JSON."""
    if not loss.is_computed:
        return "{}"
    counts = {name: [one.passing, one.losing] for name, one in (("people", loss.people), ("vehicles", loss.vehicles))}
    return json.dumps({**counts, "points": loss.points}, ensure_ascii=False)


def loss_of_text(text: str) -> Loss:
    """The loss of JSON."""
    read = json.loads(text)
    if not read:
        return UNCOMPUTED
    points = tuple((point, losing) for point, losing in read["points"])
    return Loss(LossCount(*read["people"]), LossCount(*read["vehicles"]), points)
