"""The transport in memory keeps the same contract as the serial one."""

from typing import Any

from menshen_device_agent.transports.memory import memory_pair
from menshen_device_agent.transports.ports import LineTrouble


async def test_bytes_go_both_ways_on_the_next_turn(recorder: Any) -> None:
    a, b = memory_pair()
    other = type(recorder)()
    a.start(recorder)
    b.start(other)
    await other.until(lambda r: r.openings)

    assert a.write(b"to b")
    assert b.write(b"to a")
    assert not other.bytes

    await other.until(lambda r: r.bytes == b"to b")
    await recorder.until(lambda r: r.bytes == b"to a")
    await a.close()
    await b.close()


async def test_a_hung_up_line_is_lost_once_and_opens_again(recorder: Any) -> None:
    a, b = memory_pair()
    a.start(recorder)
    b.start(type(recorder)())
    await recorder.until(lambda r: r.openings)

    a.hang_up()
    await recorder.until(lambda r: r.outages)
    assert not a.write(b"x")
    a.restore()
    await recorder.until(lambda r: r.openings == 2)

    assert [outage.trouble for outage in recorder.outages] == [LineTrouble.HUNG_UP]
    await a.close()
    await b.close()


async def test_a_cut_line_loses_bytes_in_silence(recorder: Any) -> None:
    a, b = memory_pair()
    a.start(type(recorder)())
    b.start(recorder)
    await recorder.until(lambda r: r.openings)

    a.cut()
    assert a.write(b"lost")
    a.cut(broken=False)
    a.write(b"kept")

    await recorder.until(lambda r: r.bytes == b"kept")
    await a.close()
    await b.close()


async def test_the_write_buffer_is_bounded(recorder: Any) -> None:
    a, b = memory_pair(write_buffer_bytes=8)
    a.start(type(recorder)())
    b.start(recorder)
    await recorder.until(lambda r: r.openings)

    accepted = [a.write(b"12345"), a.write(b"1234"), a.write(b"123")]

    assert accepted == [True, False, True]
    await a.close()
    await b.close()
