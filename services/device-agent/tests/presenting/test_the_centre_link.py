"""The stream to the centre against a server that refuses."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from menshen.access.v1 import access_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceServicer, add_AccessServiceServicer_to_server
from menshen_device_agent.peers.centre import CentreEvents, CentreLink, Greeting


class Refusing(AccessServiceServicer):
    """Ends every stream with one status."""

    def __init__(self, status: grpc.StatusCode) -> None:
        self._status = status

    async def Authorize(
        self, request_iterator: AsyncIterator[access_pb2.AuthorizeRequest], context: Any
    ) -> AsyncIterator[access_pb2.AuthorizeResponse]:
        await context.abort(self._status, "not you")
        yield access_pb2.AuthorizeResponse()


async def told_of(status: grpc.StatusCode) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    server = grpc.aio.server()
    add_AccessServiceServicer_to_server(Refusing(status), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        events = CentreEvents(
            recorded=lambda *_: None,
            opened=lambda *_: None,
            lost=lambda: None,
            resolved=lambda _: None,
            upload_due=lambda: None,
            refused=lambda code, why: told.append((code, why)),
            pulse=lambda _: None,
        )
        link = CentreLink(channel, Greeting("north", ("n-in",), ("n-door",), "1"), lambda: (1, 0), events)
        with pytest.raises((grpc.aio.AioRpcError, ConnectionError)):
            await link.run()
        assert not link.online
    await server.stop(None)
    return told


async def test_a_centre_that_does_not_accept_the_agent_is_told_of() -> None:
    assert await told_of(grpc.StatusCode.PERMISSION_DENIED) == [("PERMISSION_DENIED", "not you")]


async def test_a_centre_that_is_merely_away_is_no_refusal() -> None:
    assert await told_of(grpc.StatusCode.UNAVAILABLE) == []
