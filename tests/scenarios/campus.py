"""A small campus in a running suite: one plan, a few people, and what operators, guards and askers do there."""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import grpc
from harness.patience import eventually
from menshen.access.v1 import access_pb2, administration_pb2, decision_pb2, events_pb2, guarded_change_pb2, review_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceStub
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen.access.v1.events_pb2_grpc import EventServiceStub
from menshen.access.v1.guarded_change_pb2_grpc import GuardedChangeServiceStub
from menshen.access.v1.review_pb2_grpc import ReviewServiceStub
from menshen.identity.v1 import identity_pb2
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub
from menshen_cli.local.suite import Suite
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.status import domain_error_of

CLOCK = SystemClock()
CALL_S = 10.0
HALL_LIMIT = 5
_CARDS = itertools.count(0x0A00_0001)
HALL_LANES = tuple(f"hall-in-{number}" for number in range(1, 11))
_GATES = ("n", "s", "w", "e")
_EVERYWHERE = (*(f"{gate}-{way}" for gate in _GATES for way in ("in", "out")), *HALL_LANES, "hall-out", "hall-pass")


def plan_mapping() -> dict[str, Any]:
    """A gate with hardware (n), one that cannot tell passages (s), two without doors (w, e), a hall of few places."""
    return {
        "areas": [
            {"id": "outside"},
            {"id": "campus", "anti_passback": "SOFT"},
            {"id": "hall", "parent": "campus", "limit": HALL_LIMIT},
        ],
        "doors": [{"id": "n-door"}],
        "access_points": [
            _point("n-in", "ENTRY", "outside", "campus", door="n-door"),
            _point("n-out", "EXIT", "campus", "outside", door="n-door"),
            _point("s-in", "ENTRY", "outside", "campus", senses_passage=False),
            _point("s-out", "EXIT", "campus", "outside", senses_passage=False),
            *(_point(f"{gate}-in", "ENTRY", "outside", "campus") for gate in ("w", "e")),
            *(_point(f"{gate}-out", "EXIT", "campus", "outside") for gate in ("w", "e")),
            *(_point(lane, "INNER", "campus", "hall") for lane in HALL_LANES),
            _point("hall-out", "INNER", "hall", "campus", escape=True),
            _point("hall-pass", "INNER", "campus", "hall", senses_passage=False),
        ],
        "access_levels": [{"id": "all", "entries": [{"access_point": name} for name in _EVERYWHERE]}],
        "group_assignments": [{"level": "all", "group": group} for group in ("staff", "student", "contractor")],
    }


def _point(name: str, direction: str, from_area: str, to_area: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "direction": direction,
        "from_area": from_area,
        "to_area": to_area,
        "access_point_class": "PEDESTRIAN",
        "name": {"zh": name, "en": name},
        "grant_ms": 8_000,
        **more,
    }


def policy_mapping(site: str, version: int, from_ms: int, **more: Any) -> dict[str, Any]:
    """Rules that send contractors without a proof of work to the guard."""
    return {
        "language": 1,
        "version": version,
        "site": site,
        "from_ms": from_ms,
        "leave": {"mode": "NORMAL", "categories": ["student"]},
        "requirements": [
            {
                "id": "work-proof",
                "where": {"categories": ["contractor"], "directions": ["ENTRY"]},
                "test": {"fact": "work_proof"},
                "rulings": {"absent": "MANUAL_REVIEW"},
            }
        ],
        **more,
    }


class Campus:
    """Works on one site of a suite as its operators do, and asks for decisions without hardware."""

    def __init__(self, suite: Suite, site: str = "north") -> None:
        self.suite = suite
        self.site = site
        self.new_id = Uuid7Factory(CLOCK)
        self._versions = itertools.count(1)
        access = suite.channel("access")
        self.access = AccessServiceStub(access)
        self.administration = AdministrationServiceStub(access)
        self.events = EventServiceStub(access)
        self.identity = IdentityServiceStub(suite.channel("identity"))

    def guard(self, post: str) -> Any:
        """Reviews as a guard's post sees them."""
        uri = spiffe_uri(Role.GUARD, post, self.site)
        return ReviewServiceStub(self.suite.channel("access", uri))

    async def open(self) -> None:
        """Put the plan and a policy in force; return when the site takes decisions."""
        await self.put_plan(plan_mapping())
        await self.activate()
        await eventually(self.is_ready, 30)

    async def put_plan(self, plan: Mapping[str, Any]) -> int:
        request = administration_pb2.PutPlanRequest(
            site=self.site, document=json.dumps(plan, ensure_ascii=False), reason="scenario"
        )
        response: administration_pb2.PutPlanResponse = await self.administration.PutPlan(request, timeout=CALL_S)
        return response.version

    async def put_plan_of_two(self, plan: Mapping[str, Any]) -> int:
        """A plan that takes access from whom the tests before enrolled; of many, another operator approves it."""
        try:
            return await self.put_plan(plan)
        except grpc.aio.AioRpcError as refusal:
            if domain_error_of(refusal).code != "SECOND_APPROVER_NEEDED":
                raise
        other = GuardedChangeServiceStub(self.suite.channel("access", spiffe_uri(Role.OPERATOR, "wang")))
        document = json.dumps(plan, ensure_ascii=False)
        request = guarded_change_pb2.ApprovePlanRequest(site=self.site, document=document, reason="scenario")
        await other.ApprovePlan(request, timeout=CALL_S)
        return await self.put_plan(plan)

    async def activate(self, from_ms: int = 0, **more: Any) -> None:
        """One more policy, in force from an instant on; at once by default."""
        await self.put_policy(policy_mapping(self.site, 0, from_ms, **more), from_ms)

    async def put_policy(self, policy: Mapping[str, Any], from_ms: int = 0) -> None:
        """A policy document under a version of its own, in force from an instant on; at once by default."""
        since = from_ms or CLOCK.now_ms()
        policy = {**policy, "version": next(self._versions), "from_ms": since}
        request = administration_pb2.ActivatePolicyRequest(
            site=self.site, document=json.dumps(policy, ensure_ascii=False), from_ms=since, reason="scenario"
        )
        await self.administration.ActivatePolicy(request, timeout=CALL_S)

    async def plan(self) -> administration_pb2.GetPlanResponse:
        response: administration_pb2.GetPlanResponse = await self.administration.GetPlan(
            administration_pb2.GetPlanRequest(site=self.site), timeout=CALL_S
        )
        return response

    async def enrol(
        self, category: str = "staff", *, groups: Sequence[str] = (), sites: Sequence[str] = (), photo: str = ""
    ) -> "Person":
        """Somebody with a card, known to the site's decisions."""
        created = await self.identity.CreateCardholder(
            identity_pb2.CreateCardholderRequest(
                site=self.site,
                cardholder=identity_pb2.Cardholder(
                    site=self.site,
                    sites=sites or [self.site],
                    category=category,
                    groups=groups,
                    name="某人",
                    photo_ref=photo,
                ),
            ),
            timeout=CALL_S,
        )
        return await self.issue_card(created.cardholder.cardholder_id)

    async def issue_card(self, subject_id: str, *, single_use: bool = False) -> "Person":
        """A card for a cardholder; returns once the site's decisions know it."""
        person = Person(subject_id, next(_CARDS))
        issued = await self.identity.IssueCredential(
            identity_pb2.IssueCredentialRequest(
                site=self.site,
                credential=identity_pb2.Credential(
                    cardholder_id=subject_id,
                    identifiers=[
                        identity_pb2.Identifier(type=identity_pb2.IDENTIFIER_TYPE_CARD, value=person.card_text)
                    ],
                    state=identity_pb2.CREDENTIAL_STATE_ACTIVE,
                    single_use=single_use,
                ),
            ),
            timeout=CALL_S,
        )
        person.credential_id = issued.credential.credential_id
        await eventually(lambda: self._knows(person), 10)
        return person

    async def change_card(self, person: "Person", state: identity_pb2.CredentialState) -> None:
        await self.identity.ChangeCredentialState(
            identity_pb2.ChangeCredentialStateRequest(
                site=self.site, credential_id=person.credential_id, state=state, reason="scenario"
            ),
            timeout=CALL_S,
        )

    def presentation(
        self, access_point: str, cards: Iterable[str], *, event_id: str = "", pin: str = ""
    ) -> decision_pb2.Presentation:
        """What a reader would send now."""
        return decision_pb2.Presentation(
            event_id=event_id or self.new_id(),
            access_point=access_point,
            identifiers=[decision_pb2.Identifier(type=decision_pb2.IDENTIFIER_TYPE_CARD, value=card) for card in cards],
            at_ms=CLOCK.now_ms(),
            pin=pin,
        )

    async def decide(
        self, access_point: str, *people: "Person", event_id: str = "", pin: str = ""
    ) -> decision_pb2.Decision:
        """One decision through the unary call."""
        shown = self.presentation(access_point, [person.card_text for person in people], event_id=event_id, pin=pin)
        return await self.ask(shown)

    async def ask(self, shown: decision_pb2.Presentation) -> decision_pb2.Decision:
        request = access_pb2.DecideRequest(site=self.site, presentation=shown)
        response: access_pb2.DecideResponse = await self.access.Decide(request, timeout=CALL_S)
        return response.decision

    async def history(self, cursor: events_pb2.EventCursor | None = None) -> list[events_pb2.AccessEvent]:
        """Every recorded event after a cursor, in sequence."""
        request = events_pb2.WatchEventsRequest(site=self.site, purpose="scenario", cursor=cursor, until_now=True)
        return [event async for page in self.events.WatchEvents(request, timeout=30) for event in page.events]

    async def recorded(self, event_id: str, *kinds: str, deadline_s: float = 10.0) -> dict[str, events_pb2.AccessEvent]:
        """The events of a presentation by kind, once all these kinds are recorded."""

        async def all_there() -> dict[str, events_pb2.AccessEvent]:
            found = {kind_of(event): event for event in await self.history() if event.event_id == event_id}
            return found if set(kinds) <= set(found) else {}

        return await eventually(all_there, deadline_s)

    async def chain(self) -> events_pb2.VerifyChainResponse:
        response: events_pb2.VerifyChainResponse = await self.events.VerifyChain(
            events_pb2.VerifyChainRequest(site=self.site), timeout=30
        )
        return response

    async def occupancy(self) -> dict[str, tuple[int, int]]:
        """(present, reserved) by area."""
        response = await self.administration.GetOccupancy(
            administration_pb2.GetOccupancyRequest(site=self.site), timeout=CALL_S
        )
        return {area.area: (area.present, area.reserved) for area in response.areas}

    async def open_review(self, event_id: str) -> review_pb2.Review:
        """The review a presentation opened, once guards see it."""
        guard = self.guard("post-1")

        async def found() -> review_pb2.Review | None:
            listed = await guard.ListReviews(
                review_pb2.ListReviewsRequest(site=self.site, state=review_pb2.REVIEW_STATE_OPEN), timeout=CALL_S
            )
            return next((review for review in listed.reviews if review.event_id == event_id), None)

        review = await eventually(found, 10)
        assert review is not None
        return review

    async def projection(self) -> administration_pb2.GetProjectionResponse:
        response: administration_pb2.GetProjectionResponse = await self.administration.GetProjection(
            administration_pb2.GetProjectionRequest(site=self.site), timeout=CALL_S
        )
        return response

    async def is_ready(self) -> bool:
        return (await self.projection()).ready

    async def _knows(self, person: "Person") -> bool:
        """An access point nobody registered opens nothing, and still says whom it recognised."""
        return person.subject_id in (await self.decide("nowhere", person)).subject_ids


class Person:
    """A subject and the card it carries; the card's credential once it is issued."""

    def __init__(self, subject_id: str, card: int) -> None:
        self.subject_id = subject_id
        self.card = card
        self.credential_id = ""

    @property
    def card_text(self) -> str:
        return f"{self.card:08X}"


def outcome(decision: decision_pb2.Decision) -> str:
    return decision_pb2.Outcome.Name(decision.outcome).removeprefix("OUTCOME_")


def codes(decision: decision_pb2.Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def kind_of(event: events_pb2.AccessEvent) -> str:
    return decision_pb2.EventKind.Name(event.kind).removeprefix("EVENT_KIND_")


async def code_of(call: Any) -> grpc.StatusCode:
    """The status a call ends with."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK
