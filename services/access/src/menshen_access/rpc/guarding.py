"""The GuardingService."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from menshen.access.v1 import guarding_pb2 as pb
from menshen.access.v1.guarding_pb2_grpc import GuardingServiceServicer

from menshen_access.domain.tripwire import Trip
from menshen_access.rolling_back import RollingBack
from menshen_access.rpc.convert_admin import ServedSites, who

TripsOf = Callable[[str], Awaitable[Sequence[Trip]]]
"""The trips of a site, newest first."""


class GuardingServicer(GuardingServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, trips_of: TripsOf, rolling: RollingBack) -> None:
        self._sites = sites
        self._trips_of = trips_of
        self._rolling = rolling

    async def ListTrips(self, request: pb.ListTripsRequest, context: Any) -> pb.ListTripsResponse:
        trips = await self._trips_of(self._sites.check(request.site))
        return pb.ListTripsResponse(trips=map(_trip_message, trips))

    async def RollBackPolicy(self, request: pb.RollBackPolicyRequest, context: Any) -> pb.RollBackPolicyResponse:
        site = self._sites.check(request.site)
        seen, caller = request.expected_plan_version, who(context)
        done = await self._rolling.roll_back(site, seen, request.reason, caller, request.policy_id)
        return pb.RollBackPolicyResponse(policy_id=done.policy_id, plan_version=done.change.version)


def _trip_message(trip: Trip) -> pb.Trip:
    change = trip.change
    return pb.Trip(
        change_id=change.change_id,
        changed_at_ms=change.at_ms,
        tripped_at_ms=trip.tripped_at_ms,
        plan_version=change.plan_version,
        roll_back_to=change.roll_back_to,
        policy_id=change.policy_id,
        decided_before=trip.before.decided,
        refused_before=trip.before.refused,
        decided_after=trip.after.decided,
        refused_after=trip.after.refused,
        reason_code=trip.reason_code,
    )
