"""Bytes that are no message, and requests of no site, never reach a servicer."""

import asyncio
from typing import Any

import grpc
import pytest
from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.identity import Role
from menshen_servicekit.status import Trouble, domain_error_of

GARBAGE = b"\xff\xfe no note"


async def refusal(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with asyncio.timeout(10):
            await call
    return caught.value


async def test_garbage_is_the_callers_fault_and_says_nothing_in_the_log(house: Any, kit_log: Any) -> None:
    async def say(request: Any, context: Any) -> Any:
        return request

    server = await house.serve(Say=say)
    client = await house.client(server.address)

    error = await refusal(client.channel.unary_unary(f"/{house.service}/Say")(GARBAGE, timeout=5))

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert domain_error_of(error).code == "UNREADABLE"
    assert kit_log.getvalue() == ""


@pytest.mark.parametrize("role", [Role.AGENT, Role.OPERATOR])
async def test_garbage_in_mid_stream_ends_the_stream(house: Any, role: Role) -> None:
    seen: list[str] = []

    async def chat(requests: Any, context: Any) -> None:
        async for note in requests:
            seen.append(note.text)
            await context.write(note)

    server = await house.serve(AuthorizationTable({f"/{house.service}/Chat": [Allow(role)]}), Chat=chat)
    uri = "spiffe://menshen/operator/chief" if role is Role.OPERATOR else "spiffe://menshen/site/north/agent/a-1"
    client = await house.client(server.address, house.issue("caller", uri))
    stream = client.channel.stream_stream(f"/{house.service}/Chat")(timeout=10)
    await stream.write(b'{"text": "good"}')
    await stream.read()

    await stream.write(GARBAGE)
    error = await refusal(stream.read())

    assert domain_error_of(error).code == "UNREADABLE"
    assert seen == ["good"]


@pytest.mark.parametrize("site", ["", " ", "\x00", "a/b", "x" * 64])
async def test_a_caller_of_all_sites_has_to_name_one(house: Any, site: str) -> None:
    async def say(request: Any, context: Any) -> Any:
        return request

    table = AuthorizationTable({f"/{house.service}/Say": [Allow(Role.OPERATOR)]})
    server = await house.serve(table, Say=say)
    client = await house.client(server.address, house.issue("chief", "spiffe://menshen/operator/chief"))

    error = domain_error_of(await refusal(client.say(house.note(site=site), timeout=5)))

    assert error.trouble is Trouble.INVALID
    assert [field.path for field in error.fields] == ["site"]
    assert (await client.say(house.note(site="north"), timeout=5)).site == "north"
