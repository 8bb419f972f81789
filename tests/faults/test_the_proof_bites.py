"""The proof itself fails for a history that lacks a number, gives one twice, or invents one."""

import pytest
from faults.proof import prove_spool
from menshen.access.v1 import decision_pb2, events_pb2

_CENTRE, _EDGE, _ACTED = (
    decision_pb2.EVENT_KIND_CENTRE,
    decision_pb2.EVENT_KIND_EDGE,
    decision_pb2.EVENT_KIND_ACTED,
)


def recorded(number: int, event_id: str, kind: "decision_pb2.EventKind") -> events_pb2.AccessEvent:
    spool = decision_pb2.SpoolPosition(epoch=1, number=number)
    return events_pb2.AccessEvent(event_id=event_id, kind=kind, agent_id="w-1", spool=spool)


def test_both_decisions_on_one_presentation_may_share_its_number() -> None:
    prove_spool([recorded(1, "a", _CENTRE), recorded(1, "a", _EDGE), recorded(2, "a", _ACTED)], "w-1", 1, 2)


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ([recorded(2, "a", _ACTED)], "numbers lost"),
        ([recorded(1, "a", _CENTRE), recorded(2, "a", _ACTED), recorded(3, "b", _EDGE)], "numbers invented"),
        ([recorded(1, "a", _CENTRE), recorded(2, "a", _ACTED), recorded(2, "b", _ACTED)], "given twice"),
        ([recorded(1, "a", _CENTRE), recorded(1, "b", _EDGE), recorded(2, "a", _ACTED)], "given twice"),
    ],
    ids=["lost", "invented", "two events", "two presentations"],
)
def test_a_number_that_is_lost_invented_or_given_twice_is_told(
    history: list[events_pb2.AccessEvent], words: str
) -> None:
    with pytest.raises(AssertionError, match=words):
        prove_spool(history, "w-1", 1, 2)
