"""Import and feed at the size of a university."""

import asyncio
from typing import Any

import pytest

SUBJECTS = 60_000


def a_university() -> str:
    rows = (
        f"\nU{number},{'north' if number % 3 else 'east'},{'east;north' if number % 5 == 0 else ''},student,"
        f"class-{number % 100},学生{number},{number:08X},{'leave.state=overdue' if number % 10 == 0 else ''}"
        for number in range(SUBJECTS)
    )
    return "external_ref,site,sites,category,groups,name,card,facts" + "".join(rows)


@pytest.mark.full
@pytest.mark.timeout(180)
async def test_sixty_thousand_cardholders_are_imported_and_streamed_in_time(clients: Any, record_property: Any) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await clients.load(a_university())
    imported = loop.time()
    north, east = await clients.snapshot("north"), await clients.snapshot("east")
    streamed = loop.time()
    per_second = (len(north) + len(east)) / (streamed - imported)
    record_property("import_s", round(imported - began, 2))
    record_property("streamed_per_s", round(per_second))
    assert (answer.created, len(answer.faults)) == (SUBJECTS, 0)
    # The stated bar for 50,000 is 60 s from the file to decidable at every gate.
    assert streamed - began <= 60
