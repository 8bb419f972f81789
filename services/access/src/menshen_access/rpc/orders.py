"""The RPCs of the AdministrationService about commands and orders."""

from collections.abc import Sequence
from typing import Any

from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1 import decision_pb2
from menshen_servicekit.identity import Role, caller_of

from menshen_access.domain.administration import HoldSet
from menshen_access.domain.commands import Command, GivenOrder, WantedCommand
from menshen_access.domain.door_reports import DoorState
from menshen_access.operating import Operated, Operating
from menshen_access.rpc.convert_admin import ServedSites, who
from menshen_access.securing import SecuredDoors


class OrderRpcs:
    """A part of the AdministrationServicer."""

    def __init__(self, sites: ServedSites, operating: Operating, secured: SecuredDoors) -> None:
        self._order_sites = sites
        self._operating = operating
        self._secured = secured

    async def OperateAccessPoint(
        self, request: pb.OperateAccessPointRequest, context: Any
    ) -> pb.OperateAccessPointResponse:
        site = self._order_sites.check(request.site)
        number = int(request.command)
        command = Command(number) if number in Command._value2member_map_ else Command.UNSPECIFIED
        wanted = WantedCommand(request.access_point, command, request.until_ms, request.reason, request.request_id)
        caller = caller_of(context)
        # Whoever is not known to be an operator is held to what a guard may do.
        by_guard = caller is None or caller.role is not Role.OPERATOR
        return _answer(await self._operating.operate(site, wanted, who(context), by_guard=by_guard))

    async def ListOrders(self, request: pb.ListOrdersRequest, context: Any) -> pb.ListOrdersResponse:
        site = self._order_sites.check(request.site)
        orders = await self._operating.orders(site)
        doors = await self._secured.of(site, HoldSet(0, (), orders=tuple(orders)))
        return pb.ListOrdersResponse(orders=[_order_message(one, doors.get(one.order_id, ())) for one in orders])


def _answer(operated: Operated) -> pb.OperateAccessPointResponse:
    after_ms, given = operated.acted_after_ms, operated.given
    return pb.OperateAccessPointResponse(
        id="" if given.command is Command.RESTORE else given.command_id,
        acted=after_ms is not None,
        acted_after_ms=-1 if after_ms is None else after_ms,
        not_acted=pb.NotActedCause.Name(int(operated.not_acted)),
    )


def door_messages(states: Sequence[DoorState]) -> list[pb.DoorReport]:
    return [
        pb.DoorReport(door=one.door, state=pb.SecuredState.Name(int(one.state)), reported_at_ms=one.reported_at_ms)
        for one in states
    ]


def _order_message(order: GivenOrder, states: Sequence[DoorState]) -> pb.Order:
    return pb.Order(
        order_id=order.order_id,
        access_point=order.access_point,
        kind=decision_pb2.OrderKind.Name(int(order.kind)),
        origin=order.origin,
        reason=order.reason,
        given_at_ms=order.given_at_ms,
        until_ms=order.until_ms,
        doors=door_messages(states),
    )
