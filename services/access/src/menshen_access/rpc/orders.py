"""The RPCs of the AdministrationService about orders."""

from typing import Any

from menshen.access.v1 import administration_pb2 as pb


class OrderRpcs:
    """A part of the AdministrationServicer."""

    async def OperateAccessPoint(
        self, request: pb.OperateAccessPointRequest, context: Any
    ) -> pb.OperateAccessPointResponse:
        raise NotImplementedError

    async def ListOrders(self, request: pb.ListOrdersRequest, context: Any) -> pb.ListOrdersResponse:
        raise NotImplementedError
