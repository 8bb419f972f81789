"""Whom a change takes access from, as a sentence."""

import typer
from menshen.access.v1 import guarded_change_pb2 as pb

from menshen_cli.local.language import pick

COUNT_S = 150.0
"""How long a command waits for the suite, which counts for two minutes at most."""

_POINTS_SHOWN = 5
_RULES = {
    "occupancy": ("the limit", "人数上限"),
    "parking": ("the places", "车位"),
    "anti_passback": ("the anti-passback", "防反潜回"),
    "interlock": ("the interlock", "互锁"),
    "first_person": ("the first person", "首人规则"),
    "company": ("the company", "同行规则"),
    "drivers": ("the check of drivers", "驾驶人核对"),
}


def tell_of_counting() -> None:
    """Say on the terminal why it may take a while."""
    typer.echo(
        pick("counting whom this takes access from: up to two minutes", "正在核算影响哪些人的通行，最多两分钟"),
        err=True,
    )


def loss_text(loss: pb.Loss) -> str:
    """How many lose an access point, where most do, and what is in none of the numbers."""
    if not loss.computed:
        return pick("whom it takes access from could not be computed", "未能核算影响哪些人的通行")
    points = ", ".join(f"{one.access_point} ({one.losing})" for one in loss.points[:_POINTS_SHOWN])
    people, vehicles = loss.people, loss.vehicles
    counted = pick(
        f"{people.losing} of {people.passing} people and {vehicles.losing} of {vehicles.passing} vehicles who pass "
        f"somewhere lose an access point{': ' if points else ''}{points}",
        f"现可通行的 {people.losing}/{people.passing} 人、{vehicles.losing}/{vehicles.passing} 辆车失去某处通行"
        f"{'：' if points else ''}{points}",
    )
    return "\n".join([counted, *map(_unseen_text, loss.unseen)])


def _unseen_text(one: pb.Unseen) -> str:
    en, zh = _RULES.get(one.rule, (one.rule, one.rule))
    return pick(
        f"cannot be counted beforehand: whom {en} of {one.place} ({one.value}) will refuse",
        f"无法预先核算：{one.place} 的{zh}（{one.value}）将拒绝谁",
    )
