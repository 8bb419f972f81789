"""What a guard types beside a pass."""

import pytest
from menshen_cli.post import call_record


@pytest.mark.parametrize(
    ("note", "record", "why"),
    [
        ("#T-0213-7 the host called", "T-0213-7", "the host called"),
        ("#T-0213-7", "T-0213-7", ""),
        ("photo matches", "", "photo matches"),
        ("gate #2 was open", "", "gate #2 was open"),
        ("", "", ""),
    ],
)
def test_a_note_that_begins_with_a_number_sign_gives_the_record_of_a_call(note: str, record: str, why: str) -> None:
    assert call_record(note) == (record, why)
