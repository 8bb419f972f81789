"""Who can pass where and when, and what another plan would change: asked of `decide` itself."""

from menshen_rulebook.foresight.answers import Answer, Stretch, Way, may_pass, times_of, ways_of
from menshen_rulebook.foresight.comparing import Change, Loss, Totals, compare, forecast, total
from menshen_rulebook.foresight.kinship import Kin, Kinship
from menshen_rulebook.foresight.rights import Right, RightKind, rights_of

__all__ = [
    "Answer",
    "Change",
    "Kin",
    "Kinship",
    "Loss",
    "Right",
    "RightKind",
    "Stretch",
    "Totals",
    "Way",
    "compare",
    "forecast",
    "may_pass",
    "rights_of",
    "times_of",
    "total",
    "ways_of",
]
