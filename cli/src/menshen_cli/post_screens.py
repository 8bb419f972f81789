"""What a guard's post shows: a review to decide on, how one stands, and what a reason asks of a guard."""

from menshen.access.v1 import review_pb2
from menshen_rulebook.decision import Reason
from menshen_rulebook.reasons import render
from menshen_rulebook.vocabulary import Audience, Language, Outcome
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from menshen_cli.instants import time_of_day
from menshen_cli.local.language import pick


def review_panel(review: review_pb2.Review) -> RenderableType:
    """A review as the guard reads it: where, whom to compare with, until when, why, and what to say."""
    table = Table(pick("reason", "理由"), pick("for you", "门岗须知"), pick("say", "对来人说"), show_edge=False)
    for reason in review.reasons:
        guard, holder = (f"{text.zh}\n{text.en}" for text in (reason.guard, reason.holder))
        table.add_row(*map(Text, (reason.code, guard, holder)))
    photo = review.photo_ref or pick("none on record", "无存档照片")
    lines = [
        f"{review.access_point}  {', '.join(review.subject_ids) or pick('nobody known', '无已知主体')}",
        f"{pick('photo', '照片')}: {photo}",
        standing(review),
    ]
    return Panel(Group(*map(Text, lines), table), title=Text(review.review_id))


def standing(review: review_pb2.Review) -> str:
    """How a review stands, in one line: who has it, or how it ended and why."""
    who, note = review.operator, review.note
    until = time_of_day(review.expires_at_ms)
    told = {
        review_pb2.REVIEW_STATE_OPEN: (f"waits for a guard until {until}", f"待受理，{until} 前有效"),
        review_pb2.REVIEW_STATE_TAKEN: (f"taken by {who}, until {until}", f"{who} 已受理，{until} 前有效"),
        review_pb2.REVIEW_STATE_PASSED: (f"let through by {who}: {note}", f"{who} 已放行：{note}"),
        review_pb2.REVIEW_STATE_REFUSED: (f"refused by {who}: {note}", f"{who} 已拒绝：{note}"),
        review_pb2.REVIEW_STATE_EXPIRED: ("ended: nobody decided in time", "已过期：无人及时处理"),
    }
    return pick(*told.get(review.state, (f"state {review.state}", f"状态 {review.state}")))


def guard_text(code: str) -> str:
    """What a reason tells a guard, in both languages."""
    reason = Reason(code, "", Outcome.DENY)
    return " / ".join(render(reason, language, Audience.GUARD) for language in (Language.ZH, Language.EN))
