"""Own records: what the holder was told, and nothing of anybody else."""

from typing import Any

from menshen_access.domain.history import RecordedEvent
from menshen_access.rpc.rendering import own_event_message


def recorded(event: Any) -> RecordedEvent:
    return RecordedEvent("north", 7, 0, False, event, identity_gone=False)


def test_somebody_reads_what_they_were_told_without_code_and_without_whoever_came_along(event: Any) -> None:
    together = event(
        outcome=4,
        reasons=[["BLACKLISTED", "lists", 4], ["CREDENTIAL_LOST", "credential_state", 4]],
        identity={
            "subject_ids": ["c:me", "c:other"],
            "subject_versions": [3, 4],
            "arguments": [{"reason_code": "THEFT-7"}, {}],
            "identifiers": [[1, "04A1B2C3"]],
        },
    )

    told = own_event_message(recorded(together))

    assert (told.event_id, told.outcome, len(told.texts)) == (together.event_id, 4, 2)
    assert all(text.zh and text.en for text in told.texts)
    said = str(told)
    assert not [word for word in ("BLACKLISTED", "THEFT", "c:other", "04A1B2C3") if word in said]


def test_duress_shows_as_the_right_pin_does(event: Any) -> None:
    fields = {"outcome": 1, "reasons": []}
    right = event(**fields, identity={"pin_verdict": 1})
    forced = event(
        **fields,
        event_id=right.event_id,
        at_ms=right.core["at_ms"],
        alarms=[[1, True]],
        identity={"pin_verdict": 2, "private_reasons": [["DURESS", "pin", 1]], "effects": [["A", 1, True, "c:1"]]},
    )

    assert own_event_message(recorded(forced)) == own_event_message(recorded(right))
