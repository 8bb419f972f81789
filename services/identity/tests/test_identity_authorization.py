"""Every call, by every kind of caller: who is let in, and who is not."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from menshen.identity.v1 import identity_pb2 as pb
from menshen_identity.rpc.authorization import TABLE

CONTROL_ROOM = "spiffe://menshen/operator/control-room"
NORTH_DESK = "spiffe://menshen/site/north/operator/desk"
EAST_DESK = "spiffe://menshen/site/east/operator/desk"
NORTH_GUARD = "spiffe://menshen/site/north/guard/main-gate"
EAST_GUARD = "spiffe://menshen/site/east/guard/main-gate"
AGENT = "spiffe://menshen/site/north/agent/north-1"
ACCESS = "spiffe://menshen/service/access"
SAFETY = "spiffe://menshen/service/safety"

METHODS = {method.name: method for method in pb.DESCRIPTOR.services_by_name["IdentityService"].methods}
SCOPED = {"AddListEntry": grpc.StatusCode.PERMISSION_DENIED}
"""An entry without a scope is for every site, which an operator of one site may not ask for."""
ACCESS_ONLY = ("RetireCredential", "WatchSources", "WatchSubjects")
OFFICE_ONLY = sorted(METHODS.keys() - {"GetCardholder", *ACCESS_ONLY})


async def code_of(clients: Any, method: str, uri: str) -> grpc.StatusCode:
    """What a request for the site north, and nothing else in it, is answered."""
    descriptor = METHODS[method]
    request = getattr(pb, descriptor.input_type.name)(site="north")
    rpc = getattr(clients.stub(uri), method)
    try:
        if descriptor.client_streaming:
            await rpc(_once(request), timeout=10)
        elif descriptor.server_streaming:
            await rpc(request, timeout=10).read()
        else:
            await rpc(request, timeout=10)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


async def _once(request: Any) -> AsyncIterator[Any]:
    yield request


def test_the_table_names_every_call_of_the_contract() -> None:
    assert TABLE.methods == {f"/menshen.identity.v1.IdentityService/{name}" for name in METHODS}


@pytest.mark.parametrize("method", OFFICE_ONLY)
async def test_office_calls_are_for_operators_of_the_site_or_of_all(clients: Any, method: str) -> None:
    let_in = [await code_of(clients, method, uri) for uri in (CONTROL_ROOM, NORTH_DESK)]
    refused = [await code_of(clients, method, uri) for uri in (EAST_DESK, NORTH_GUARD, AGENT, ACCESS, SAFETY)]
    assert set(refused) == {grpc.StatusCode.PERMISSION_DENIED}
    assert let_in[0] in {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT}
    assert let_in[1] in {let_in[0], SCOPED.get(method)}


async def test_a_guard_may_look_at_a_cardholder_of_the_own_site(clients: Any) -> None:
    let_in = {await code_of(clients, "GetCardholder", uri) for uri in (CONTROL_ROOM, NORTH_DESK, NORTH_GUARD)}
    refused = {await code_of(clients, "GetCardholder", uri) for uri in (EAST_DESK, EAST_GUARD, AGENT, ACCESS, SAFETY)}
    assert let_in == {grpc.StatusCode.INVALID_ARGUMENT}
    assert refused == {grpc.StatusCode.PERMISSION_DENIED}


@pytest.mark.parametrize("method", ACCESS_ONLY)
async def test_the_feed_and_the_word_of_a_successor_used_are_for_access_alone(clients: Any, method: str) -> None:
    callers = (CONTROL_ROOM, NORTH_DESK, NORTH_GUARD, AGENT, SAFETY)
    refused = {await code_of(clients, method, uri) for uri in callers}
    let_in = grpc.StatusCode.OK if method == "WatchSources" else grpc.StatusCode.INVALID_ARGUMENT
    assert await code_of(clients, method, ACCESS) is let_in
    assert refused == {grpc.StatusCode.PERMISSION_DENIED}
