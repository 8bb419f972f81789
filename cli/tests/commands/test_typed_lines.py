"""Lines typed while a command does other things."""

import os

from menshen_cli.typed_lines import TypedLines


async def test_lines_come_whole_however_they_are_cut_and_then_the_end_for_ever() -> None:
    ours, theirs = os.pipe()
    typed = TypedLines(ours)

    os.write(theirs, "t 1\np 1 派工".encode()[:-2])
    assert await typed.next() == "t 1"
    os.write(theirs, "派工".encode()[-2:] + b"\n\nq")
    os.close(theirs)

    assert [await typed.next() for _ in range(5)] == ["p 1 派工", "", "q", None, None]
    os.close(ours)
