"""One contract for libosdp's reader and the simulated one, over byte-paced, fragmenting, noisy terminals."""

import pytest
from menshen_device_agent.protocols.osdp import (
    CardRead,
    Colour,
    Done,
    InstallEnded,
    Keys,
    Led,
    Offline,
    Online,
    Output,
    OutputControl,
    SecurityAlarm,
)

WIEGAND_26 = "10110011101110001111000101"
PACKED = bytes.fromhex("B3B8F140")

pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize("baud", [9600, 38_400, 115_200])
async def test_the_channel_comes_up_and_a_card_and_keys_are_read(room, baud):
    panel, peer, _ = await room.open(baud=baud)
    await panel.until(lambda: panel.told(Online))

    peer.present_card(WIEGAND_26)
    peer.type_keys("12")
    await panel.until(lambda: panel.told(CardRead) and panel.told(Keys))

    (card,) = panel.told(CardRead)
    assert (card.bits, card.count) == (PACKED, 26)
    assert "".join(event.digits for event in panel.told(Keys)) == "12"
    assert panel.session.tally.refusals == panel.session.tally.restarts == 0


async def test_orders_reach_the_reader(room):
    panel, peer, _ = await room.open(baud=38_400)
    await panel.until(lambda: panel.told(Online))

    assert panel.submit(Led(Colour.AMBER, duration_ms=2000))
    assert panel.submit(Output(1, OutputControl.TEMPORARY_ON, 3000))

    await peer.shows_led(Colour.AMBER)
    await peer.drives_output(1)
    await panel.until(lambda: len(panel.told(Done)) == 2)


async def test_bytes_that_arrive_one_by_one_make_no_difference(room):
    panel, peer, _ = await room.open(baud=19_200, fragment_bytes=1)
    await panel.until(lambda: panel.told(Online))

    peer.present_card(WIEGAND_26)
    await panel.until(lambda: panel.told(CardRead))

    assert panel.session.counters.check_faults == 0


async def test_the_reader_is_back_after_its_line_was_cut(room):
    panel, peer, line = await room.open(baud=115_200)
    await panel.until(lambda: panel.told(Online))
    line.cut()
    await panel.until(lambda: panel.session.tally.restarts)

    line.restore()
    peer.present_card(WIEGAND_26)
    await panel.until(lambda: panel.told(CardRead))

    assert panel.told(Offline) == []


async def test_a_reader_gone_for_long_is_told_and_comes_back(room):
    panel, peer, line = await room.open(baud=115_200)
    await panel.until(lambda: panel.told(Online))
    line.cut()
    await panel.until(lambda: panel.told(Offline))

    line.restore()
    await panel.until(lambda: len(panel.told(Online)) == 2)

    peer.present_card(WIEGAND_26)
    await panel.until(lambda: panel.told(CardRead))


async def test_a_noisy_line_raises_no_false_alarm_and_reads_no_false_card(room):
    panel, peer, _ = await room.open(baud=115_200, corruption=0.004, seed=7)
    await panel.until(lambda: panel.told(Online))

    await panel.until(lambda: panel.session.tally.retries >= 3)
    for _ in range(5):
        peer.present_card(WIEGAND_26)
    await panel.until(lambda: len(panel.told(CardRead)) >= 3)

    assert {event.bits for event in panel.told(CardRead)} == {PACKED}
    assert panel.told(SecurityAlarm) == []


async def test_a_reader_in_factory_state_takes_its_key_in_an_install_window(room):
    panel, peer, _ = await room.open(key=None, baud=38_400)

    panel.install(within_ms=15_000)

    await peer.takes_key(panel.session.settings.scbk)
    await panel.until(lambda: panel.told(InstallEnded))
    assert panel.told(InstallEnded)[0].installed
    assert panel.session.online
