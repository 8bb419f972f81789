"""Who can pass where and when, and what another plan would change: asked of `decide` itself."""

from menshen_rulebook.foresight.answers import Answer, Stretch, may_pass, times_of
from menshen_rulebook.foresight.comparing import Change, Loss, Totals, compare, forecast, total
from menshen_rulebook.foresight.kinship import Kin, Kinship

__all__ = [
    "Answer",
    "Change",
    "Kin",
    "Kinship",
    "Loss",
    "Stretch",
    "Totals",
    "compare",
    "forecast",
    "may_pass",
    "times_of",
    "total",
]
