"""The rulebook's scripted cases, asked of the running service: outcome and reasons agree with the function's.

`shifted_cases` says how a case comes to the present and which classes of cases cannot; `feed_stand_in` how its subjects
come to the service. Plan, policy, holds, threat levels, presences and presentations go through the service's own calls:
a presence is a passage an agent uploads, a used visit one that was used, wrong attempts are wrong PINs.
"""

import itertools
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from harness.patience import eventually
from menshen.access.v1 import access_pb2, administration_pb2, decision_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceStub
from menshen_cli.local.suite import Suite
from menshen_rulebook.types import FOREVER_MS, HoldScope, OrderKind, Outcome, PinVerdict, Presence, Subject
from menshen_servicekit.identity import Role, spiffe_uri
from scenarios.campus import CALL_S, CLOCK, Campus, codes, outcome
from scenarios.feed_stand_in import DURESS_PIN, PIN, WRONG_PIN, FeedStandIn, feed_stand_in
from scenarios.shifted_cases import ShiftedCase, SourceCase, cause_against, shift, source_cases

LEAST_SHARE = 0.85
_TRIES = 4
_LEAD_MS = 1_500
_COMMANDS = {
    OrderKind.HOLD_OPEN: administration_pb2.OPERATOR_COMMAND_HOLD_OPEN,
    OrderKind.SECURE: administration_pb2.OPERATOR_COMMAND_SECURE,
}
_PINS = {PinVerdict.OK: PIN, PinVerdict.DURESS: DURESS_PIN, PinVerdict.WRONG: WRONG_PIN}
_ALL = source_cases()
_NOT_LIVE = {case.name: cause for case in _ALL if (cause := cause_against(case, CLOCK.now_ms()))}
# Policies can be added and never taken away: first the cases that know of none.
_LIVE = sorted((case for case in _ALL if case.name not in _NOT_LIVE), key=lambda case: case.policy is not None)


@dataclass
class Stage:
    """Puts one case after the other on a site named after its plan."""

    suite: Suite
    feed: FeedStandIn
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    campuses: dict[str, Campus] = field(default_factory=dict)
    standing: dict[str, ShiftedCase] = field(default_factory=dict)

    def campus(self, site: str) -> Campus:
        if site not in self.campuses:
            self.campuses[site] = Campus(self.suite, site)
        return self.campuses[site]

    async def play(self, source: SourceCase) -> tuple[decision_pb2.Decision, ShiftedCase]:
        """The service's decision, and the case as it was asked; again while the answer came too late for it.

        A case that comes too late is prepared ahead of its instant, a little further each time.
        """
        campus = self.campus(source.plan_name)
        for number in range(_TRIES):
            shifted = self._still_standing(source) if number == 0 else None
            if shifted is None:
                shifted = shift(source, campus.site, CLOCK.now_ms() + number * _LEAD_MS, next(self.numbers))
                await self._put_documents(campus, shifted)
                self.standing[campus.site] = shifted
            decision = await self._ask(campus, shifted)
            if shifted.holds_at(decision.decided_at_ms):
                return decision, shifted
        raise AssertionError("every answer came too late for the case")

    def _still_standing(self, source: SourceCase) -> ShiftedCase | None:
        """The case under the documents of the one before it, where they are the same and time leaves its answer."""
        before = self.standing.get(source.plan_name)
        if before is None or before.source.now_ms != source.now_ms:
            return None
        shifted = shift(source, source.plan_name, before.now_ms, next(self.numbers))
        now_ms = CLOCK.now_ms()
        stays = all(shifted.holds_at(now_ms + later_ms) for later_ms in (0, _LEAD_MS // 2, _LEAD_MS))
        return shifted if stays else None

    async def _ask(self, campus: Campus, shifted: ShiftedCase) -> decision_pb2.Decision:
        case = shifted.case
        await self._assign_levels(campus, case.subjects)
        await self.feed.put(campus.site, case.subjects, with_pins=case.presentation.pin_verdict in _PINS)
        holds = [await _raise_hold(campus, hold) for hold in case.live.holds]
        for order in case.live.orders:
            await _command(campus, order.access_point_id, _COMMANDS[order.kind], order.until_ms)
        for level in case.live.threat_levels:
            await _set_threat_level(campus, level.area_id, level.level)
        try:
            for presence in case.live.presences:
                await self._bring_about(campus, presence)
            if case.live.used_ids:
                assert outcome(await campus.ask(_presentation(campus, shifted))) == "GRANT"
            for _ in range(case.live.wrong_attempts):
                await campus.ask(_presentation(campus, shifted, pin=WRONG_PIN))
            await eventually(lambda: CLOCK.now_ms() >= shifted.now_ms, _LEAD_MS * _TRIES / 1000)
            return await campus.ask(_presentation(campus, shifted))
        finally:
            for hold_id in holds:
                await campus.administration.ReleaseHold(
                    administration_pb2.ReleaseHoldRequest(site=campus.site, hold_id=hold_id, reason="case"),
                    timeout=CALL_S,
                )
            for level in case.live.threat_levels:
                await _set_threat_level(campus, level.area_id, 0)
            for order in case.live.orders:
                await _command(campus, order.access_point_id, administration_pb2.OPERATOR_COMMAND_RESTORE, 0)
            await self.feed.remove(campus.site, case.subjects)

    async def _assign_levels(self, campus: Campus, subjects: Iterable[Subject]) -> None:
        for subject in subjects:
            for level in subject.levels:
                assignment = administration_pb2.Assignment(
                    subject_id=subject.subject_id,
                    access_level=level.level_id,
                    from_ms=level.from_ms,
                    to_ms=0 if level.to_ms == FOREVER_MS else level.to_ms,
                    reason="case",
                )
                await campus.administration.AssignAccessLevel(
                    administration_pb2.AssignAccessLevelRequest(site=campus.site, assignment=assignment),
                    timeout=CALL_S,
                )

    async def _put_documents(self, campus: Campus, shifted: ShiftedCase) -> None:
        await campus.put_plan(shifted.plan)
        if shifted.policy is not None:
            await campus.put_policy(shifted.policy)
        await eventually(campus.is_ready, 30)

    async def _bring_about(self, campus: Campus, presence: Presence) -> None:
        """A passage into the area, decided by an agent alone and uploaded."""
        plan = json.loads((await campus.plan()).document)
        leading = [p["id"] for p in plan["access_points"] if p["to_area"] == presence.area_id]
        entry = presence.access_point_id or leading[0]
        agent = AccessServiceStub(self.suite.channel("access", spiffe_uri(Role.AGENT, f"{campus.site}-1", campus.site)))
        event_id = campus.new_id()
        spool = {"epoch": CLOCK.now_ms()}
        shown = decision_pb2.Presentation(event_id=event_id, access_point=entry, at_ms=presence.at_ms)
        shown.spool.epoch, shown.spool.number = spool["epoch"], 1
        decided = decision_pb2.Decision(
            event_id=event_id,
            outcome=decision_pb2.OUTCOME_GRANT,
            subject_ids=[presence.subject_id],
            decided_at_ms=presence.at_ms,
            kind=decision_pb2.EVENT_KIND_EDGE,
        )
        common: dict[str, Any] = {"event_id": event_id, "access_point": entry, "at_ms": presence.at_ms}
        events = [
            access_pb2.AgentEvent(kind=decision_pb2.EVENT_KIND_EDGE, presentation=shown, decision=decided, **common),
            access_pb2.AgentEvent(kind=decision_pb2.EVENT_KIND_ACTED, obeyed=decision_pb2.EVENT_KIND_EDGE, **common),
            access_pb2.AgentEvent(kind=decision_pb2.EVENT_KIND_TAKEN, **common),
        ]
        for number, event in enumerate(events, 1):
            event.spool.epoch, event.spool.number = spool["epoch"], number
        before = (await campus.occupancy())[presence.area_id or ""][0]
        await agent.UploadEvents(access_pb2.UploadEventsRequest(site=campus.site, events=events), timeout=CALL_S)
        await eventually(lambda: _is_in(campus, presence, before), 10)


async def _is_in(campus: Campus, presence: Presence, before: int) -> bool:
    return (await campus.occupancy())[presence.area_id or ""][0] > before


async def _command(campus: Campus, access_point: str, command: Any, until_ms: int) -> None:
    """Command what no agent will confirm; returns once the order is in force at the gates, or ended there.

    The call goes away when its order is listed, which may be before the gates have it. A threat level that is set
    returns when they have all that stands.
    """
    desk, is_wanted = campus.administration, bool(until_ms)

    async def is_so() -> bool:
        listed = await desk.ListOrders(administration_pb2.ListOrdersRequest(site=campus.site), timeout=CALL_S)
        return any(order.access_point == access_point for order in listed.orders) is is_wanted

    request = administration_pb2.OperateAccessPointRequest(
        site=campus.site, access_point=access_point, command=command, until_ms=until_ms, reason="case"
    )
    call = desk.OperateAccessPoint(request, timeout=CALL_S)
    try:
        await eventually(is_so, 10)
    finally:
        call.cancel()
    await _set_threat_level(campus, "", 0)


async def _raise_hold(campus: Campus, hold: Any) -> str:
    scopes = {HoldScope.AREA: "area", HoldScope.ACCESS_POINT: "access_point"}
    scope = {scopes[hold.scope]: hold.target_id} if hold.scope in scopes else {}
    request = administration_pb2.RaiseHoldRequest(site=campus.site, reason="case", **scope)
    raised = await campus.administration.RaiseHold(request, timeout=CALL_S)
    hold_id: str = raised.hold.hold_id
    return hold_id


async def _set_threat_level(campus: Campus, area: str, level: int) -> None:
    request = administration_pb2.SetThreatLevelRequest(site=campus.site, area=area, level=level, reason="case")
    await campus.administration.SetThreatLevel(request, timeout=CALL_S)


def _presentation(campus: Campus, shifted: ShiftedCase, pin: str | None = None) -> decision_pb2.Presentation:
    case = shifted.case.presentation
    shown = decision_pb2.Presentation(
        event_id=campus.new_id(),
        access_point=case.access_point_id,
        identifiers=[decision_pb2.Identifier(type=int(item.type), value=item.value) for item in case.identifiers],
        tid=case.tid or "",
        at_ms=CLOCK.now_ms(),
        pin=_PINS.get(case.pin_verdict, "") if pin is None else pin,
        open_interlock_doors=shifted.case.live.open_interlock_doors,
    )
    measured = dict(case.measured)
    if "temperature_c" in measured:
        shown.temperature_c = float(str(measured["temperature_c"]))
    shown.plate = str(measured.get("plate", ""))
    return shown


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(town: Suite) -> AsyncIterator[Stage]:
    """A site for each plan of the cases."""
    async with feed_stand_in(town) as feed:
        yield Stage(town, feed)


@pytest.mark.parametrize("source", _LIVE, ids=lambda source: source.name)
async def test_the_service_decides_as_scripted(stage: Stage, source: SourceCase) -> None:
    decision, shifted = await stage.play(source)

    expected = shifted.case.expected
    assert (outcome(decision), codes(decision)) == (expected.outcome.name, list(expected.reasons))
    assert (decision.outcome == Outcome.MANUAL_REVIEW) == bool(decision.review_id)
    for name, value in expected.arguments:
        assert decision.reasons[0].parameters[name] == value


def test_every_row_of_the_policy_replay_is_asked_live() -> None:
    rows = {case.name.partition(" ")[0] for case in _LIVE if case.plan_name.startswith("replay-")}

    assert rows == {f"R{number:02}" for number in range(1, 23)}


def test_most_cases_are_asked_live() -> None:
    print(f"{len(_LIVE)} of {len(_ALL)} cases are asked live; not: {_NOT_LIVE}")

    assert len(_LIVE) + len(_NOT_LIVE) == len(_ALL)
    assert len(_LIVE) / len(_ALL) >= LEAST_SHARE
