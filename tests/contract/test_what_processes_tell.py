"""What processes tell about themselves: counters for every method, and logs without anybody in them."""

import json
from typing import Any

import grpc
import pytest
from harness.callers import SITE
from harness.deeds import DEEDS, do
from harness.patience import eventually
from harness.processes import CALLED_NAMES, KEEPER, PROCESS_NAMES, RunningProcesses
from harness.rpcs import Answer, ask
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory

CLOCK, DAY_MS = SystemClock(), 86_400_000
NEW_ID = Uuid7Factory(CLOCK)
CARD = "04C0FFEE5EED77"
OTHER_CARD = "04BADCAFE5EED9"
NAME = "纸鸢 Quillfeather"
PIN, DURESS_PIN, MALFORMED_PIN = "73194682", "91736428", "7319x4682"
NOBODY = (CARD, OTHER_CARD, "纸鸢", "Quillfeather", PIN, DURESS_PIN, MALFORMED_PIN, "京N73194")


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_the_metrics_page_counts_every_finished_call_by_method_and_code(
    processes: RunningProcesses, process: str
) -> None:
    rpc = await processes.rpc(process, DEEDS[process].rpc)
    finished = ("menshen_rpc_total", (("code", "OK"), ("method", rpc.path)))
    before = (await processes.metrics(process)).get(finished, 0.0)

    for _ in range(3):
        assert (await do(processes, process)).code is grpc.StatusCode.OK

    after = await processes.metrics(process)
    assert after[finished] == before + 3
    assert after["menshen_rpc_seconds_count", (("method", rpc.path),)] >= 3


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_refusals_are_counted_by_method_and_reason(processes: RunningProcesses, process: str) -> None:
    rpc = await processes.rpc(process, DEEDS[process].rpc)
    refused = ("menshen_rpc_denied_total", (("method", rpc.path), ("reason", "NOT_ALLOWED")))
    before = (await processes.metrics(process)).get(refused, 0.0)

    await ask(processes.channel(process, "service identity"), rpc, rpc.request(site=SITE))

    assert (await processes.metrics(process))[refused] == before + 1


class Office:
    """Calls as the operator of all sites."""

    def __init__(self, processes: RunningProcesses) -> None:
        self._processes = processes

    async def ask(self, process: str, name: str, **fields: Any) -> Answer:
        rpc = await self._processes.rpc(process, name)
        return await ask(self._processes.channel(process), rpc, rpc.request(site=SITE, **fields))

    async def call(self, process: str, name: str, **fields: Any) -> Any:
        """The response; fails with any error."""
        rpc = await self._processes.rpc(process, name)
        return rpc.response(await self.ask(process, name, **fields))

    async def present(self, card: str, **fields: Any) -> Any:
        """The decision about a card shown at the gate."""
        presentation = {
            "event_id": NEW_ID(),
            "access_point": "n-in",
            "identifiers": [{"type": 1, "value": card}],
            "at_ms": CLOCK.now_ms(),
            **fields,
        }
        return (await self.call("access", "Decide", presentation=presentation)).decision


async def test_the_metrics_page_of_a_keeper_counts_what_it_records_and_no_calls(processes: RunningProcesses) -> None:
    recorded = ("menshen_events_recorded_total", (("site", SITE),))
    before = (await processes.metrics(KEEPER)).get(recorded, 0.0)

    await Office(processes).present(OTHER_CARD)

    async def is_counted() -> bool:
        return (await processes.metrics(KEEPER)).get(recorded, 0.0) > before

    await eventually(is_counted)
    assert [name for name, _ in await processes.metrics(KEEPER) if name.startswith("menshen_rpc")] == []


async def register(office: Office) -> None:
    """Somebody with a name, a card and PINs; then everything again, wrongly."""
    holder = (
        await office.call("identity", "CreateCardholder", cardholder={"name": NAME, "category": "staff"})
    ).cardholder
    person = {"cardholder_id": holder.cardholder_id}
    card = {**person, "identifiers": [{"type": 1, "value": CARD}], "state": 2}
    await office.call("identity", "IssueCredential", credential=card)
    await office.call("identity", "SetPin", **person, pin=PIN, duress_pin=DURESS_PIN)
    refused = (
        await office.ask("identity", "IssueCredential", credential=card),
        await office.ask("identity", "SetPin", **person, pin=MALFORMED_PIN),
        await office.ask("identity", "SetPin", **person, pin=PIN, duress_pin=PIN),
        await office.ask("identity", "CreateCardholder", cardholder={"name": NAME * 500, "category": "staff"}),
        await office.ask("vehicles", "PutVehicle", vehicle={"plate": "京N73194", "vehicle_class": 77}),
    )
    assert not [answer for answer in refused if answer.error is None]
    texts = " ".join(f"{answer.details} {answer.error and answer.error.message_zh}" for answer in refused)
    assert [word for word in NOBODY if word in texts] == []


async def test_no_log_names_a_person_a_card_a_plate_or_a_pin(processes: RunningProcesses) -> None:
    office = Office(processes)
    await register(office)

    async def is_known() -> bool:
        return bool((await office.present(CARD, pin=PIN)).subject_ids)

    await eventually(is_known, deadline_s=20)
    await office.present(CARD, pin=MALFORMED_PIN, plate="京N73194")
    await office.present(OTHER_CARD, pin=DURESS_PIN)

    logs = {path.name: path.read_text(encoding="utf-8", errors="replace") for path in processes.log_files()}
    assert len(logs) >= len(PROCESS_NAMES)
    assert {(name, word) for name, text in logs.items() for word in NOBODY if word in text} == set()


@pytest.mark.parametrize("process", PROCESS_NAMES)
def test_every_line_of_a_log_is_json_with_a_time_and_its_process(processes: RunningProcesses, process: str) -> None:
    lines = processes.suite.log_file(process).read_text(encoding="utf-8").splitlines()

    entries = [json.loads(line) for line in lines]

    assert len(entries) > 3
    assert [entry for entry in entries if not {"event", "level", "timestamp", "process"} <= set(entry)] == []


@pytest.mark.parametrize("shift_ms", [-365 * DAY_MS, 365 * DAY_MS])
async def test_an_agent_whose_clock_jumped_is_judged_by_the_centres(processes: RunningProcesses, shift_ms: int) -> None:
    office, before_ms = Office(processes), CLOCK.now_ms()

    decision = await office.present(OTHER_CARD, at_ms=before_ms + shift_ms)

    assert before_ms - 1_000 <= decision.decided_at_ms <= CLOCK.now_ms() + 1_000


@pytest.mark.parametrize("shift_ms", [-365 * DAY_MS, 365 * DAY_MS])
async def test_an_alarm_of_a_wrong_clock_is_stored_at_the_services_time(
    processes: RunningProcesses, shift_ms: int
) -> None:
    office, before_ms = Office(processes), CLOCK.now_ms()
    alarm = {"alarm_id": NEW_ID(), "kind": 4, "source": "n-door", "raised_at_ms": before_ms + shift_ms}

    stored = (await office.call("safety", "RaiseAlarm", alarm=alarm)).alarm

    assert stored.raised_at_ms == before_ms + shift_ms
    assert before_ms <= stored.stored_at_ms <= CLOCK.now_ms()
