"""Entries of spools that agents of another version wrote: recorded all the same."""

from collections.abc import Callable

import pytest
from harness.edge_worlds import DAY_MS, recorded
from menshen.access.v1.access_pb2 import AgentEvent as Wire
from menshen_access.domain.judging import CIRCUMSTANCES, LIVE_VALUES, PLAN, Inputs, Verdict
from menshen_access.domain.rerunning import rerun
from menshen_access.rpc.convert import MOST_TEXT, MOST_USED
from menshen_rulebook.types import Outcome

BEFORE = (
    "0a2430313938663030302d303030302d373030302d383030302d30303030303030303030303110021a046e2d696e2880a0f1c2b1343005"
    "424f0a2430313938663030302d303030302d373030302d383030302d30303030303030303030303112046e2d696e1a0c08011208303441"
    "31423243333080a0f1c2b134380542006208736f7574682d696e4a7a0a2430313938663030302d303030302d373030302d383030302d30"
    "303030303030303030303110041a110a0f43524544454e5449414c5f4c4f53542083a0f1c2b134280c3226633a30313938663030302d30"
    "3030302d373030302d383030302d3030303030303030303061613a08c084f582daf38d0350026807"
)
INPUTS = "6a0c0801102918ba0b2080b89929"
"""An entry of a spool that told no inputs, and what it would have told."""


def test_an_entry_spooled_before_inputs_were_told_is_recorded_and_names_what_is_missing() -> None:
    event = recorded(bytes.fromhex(BEFORE))

    found = rerun(event, Inputs(None, {}, None))

    assert (event.core["outcome"], event.core["reasons"]) == (Outcome.DENY, [["CREDENTIAL_LOST", "", Outcome.DENY]])
    assert not {"holds_version", "alone"} & set(event.core)
    assert not {"live", "pin_verdict"} & set(event.identity)
    subject = "subject:c:0198f000-0000-7000-8000-0000000000aa"
    assert (found.verdict, found.missing) == (Verdict.INPUT_MISSING, (PLAN, subject, CIRCUMSTANCES, LIVE_VALUES))


def test_what_is_told_costs_fourteen_bytes_and_stands_in_the_record() -> None:
    event = recorded(bytes.fromhex(BEFORE + INPUTS))

    assert len(bytes.fromhex(INPUTS)) == 14
    assert event.core["holds_version"] == 41
    assert event.core["alone"] == {"age_ms": 733, "stale_after_ms": DAY_MS}
    assert (event.identity["live"], event.identity["pin_verdict"]) == ({}, 1)


def _form(wire: Wire) -> None:
    wire.inputs.form = 2


def _version(wire: Wire) -> None:
    wire.inputs.holds_version = 1 << 63


def _many(wire: Wire) -> None:
    wire.inputs.used_ids.extend(map(str, range(MOST_USED + 1)))


def _long(wire: Wire) -> None:
    wire.inputs.used_ids.append("k" * (MOST_TEXT + 1))


@pytest.mark.parametrize("spoil", [_form, _version, _many, _long])
def test_inputs_that_the_centre_cannot_read_cost_the_explanation_and_never_the_event(
    spoil: Callable[[Wire], None],
) -> None:
    wire = Wire.FromString(bytes.fromhex(BEFORE + INPUTS))
    spoil(wire)

    event = recorded(wire.SerializeToString())

    assert event == recorded(bytes.fromhex(BEFORE))
