"""Who gets through the door of a server, over real mutual TLS."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # type: ignore[import-untyped]
from menshen_servicekit.authorization import Allow, AuthorizationTable, SiteRule
from menshen_servicekit.identity import Role, caller_of
from menshen_servicekit.pki import DAY_MS, Authority
from menshen_servicekit.server import Service, build_server
from menshen_servicekit.status import domain_error_of


async def say(request: Any, context: Any) -> Any:
    return request


async def chat(requests: Any, context: Any) -> Any:
    async for note in requests:
        yield note


async def refusal(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with asyncio.timeout(10):
            await call
    return caught.value


async def test_a_listed_agent_is_served_and_known_by_its_certificate(house: Any) -> None:
    async def who(request: Any, context: Any) -> Any:
        caller = caller_of(context)
        return house.note(text=caller.uri if caller else "")

    server = await house.serve(Say=who)
    client = await house.client(server.address)

    answer = await client.say(house.note(), timeout=5)

    assert answer.text == "spiffe://menshen/site/north/agent/a-1"


@pytest.mark.parametrize(
    "uri",
    [
        "spiffe://menshen/site/north/guard/post-1",
        "spiffe://menshen/service/identity",
        "spiffe://menshen/operator/chief",
    ],
)
async def test_a_role_without_a_row_is_refused(house: Any, uri: str) -> None:
    server = await house.serve(Say=say)
    client = await house.client(server.address, house.issue("other", uri))

    error = await refusal(client.say(house.note(), timeout=5))

    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    assert domain_error_of(error).code == "NOT_ALLOWED"


async def test_a_row_for_a_name_refuses_another_name(house: Any) -> None:
    table = AuthorizationTable({f"/{house.service}/Say": [Allow(Role.SERVICE, "access")]})
    server = await house.serve(table, Say=say)
    access = await house.client(server.address, house.issue("access", "spiffe://menshen/service/access"))
    safety = await house.client(server.address, house.issue("safety", "spiffe://menshen/service/safety"))

    assert (await access.say(house.note(text="in"), timeout=5)).text == "in"
    assert (await refusal(safety.say(house.note(), timeout=5))).code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_method_without_a_row_is_refused_to_everyone(house: Any) -> None:
    server = await house.serve(AuthorizationTable({}), Say=say)
    client = await house.client(server.address)

    assert (await refusal(client.say(house.note(), timeout=5))).code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("site", ["east", ""])
async def test_a_request_for_another_site_is_refused_and_counted(house: Any, site: str) -> None:
    counted = ("menshen_rpc_denied_total", {"method": f"/{house.service}/Say", "reason": "FOREIGN_SITE"})
    server = await house.serve(Say=say)
    client = await house.client(server.address)

    error = await refusal(client.say(house.note(site=site), timeout=5))

    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    assert domain_error_of(error).code == "FOREIGN_SITE"
    assert house.metrics.registry.get_sample_value(*counted) == 1


async def test_a_row_for_any_site_lets_a_bound_caller_name_another(house: Any) -> None:
    table = AuthorizationTable({f"/{house.service}/Say": [Allow(Role.AGENT, site=SiteRule.ANY)]})
    server = await house.serve(table, Say=say)
    client = await house.client(server.address)

    assert (await client.say(house.note(site="east"), timeout=5)).site == "east"


async def test_a_foreign_site_in_mid_stream_ends_the_stream(house: Any) -> None:
    server = await house.serve(Chat=chat)
    client = await house.client(server.address)
    stream = client.chat(timeout=10)
    await stream.write(house.note(text="mine"))
    first = await stream.read()

    await stream.write(house.note(text="theirs", site="east"))
    error = await refusal(stream.read())

    assert first.text == "mine"
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_foreign_site_is_refused_to_a_servicer_that_reads_by_hand(house: Any) -> None:
    seen: list[str] = []

    async def chat_by_hand(requests: Any, context: Any) -> None:
        while (note := await context.read()) is not grpc.aio.EOF:
            seen.append(note.site)
            await context.write(note)

    server = await house.serve(Chat=chat_by_hand)
    client = await house.client(server.address)
    stream = client.chat(timeout=10)
    await stream.write(house.note())
    await stream.read()

    await stream.write(house.note(site="east"))
    error = await refusal(stream.read())

    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    assert seen == ["north"]


async def test_a_foreign_site_is_refused_even_when_the_servicer_reads_in_a_task_group(
    house: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def chat_in_group(requests: Any, context: Any) -> None:
        async def pump() -> None:
            async for note in requests:
                await context.write(note)

        async with asyncio.TaskGroup() as group:
            group.create_task(pump())

    server = await house.serve(Chat=chat_in_group)
    client = await house.client(server.address)
    stream = client.chat(timeout=10)

    await stream.write(house.note(site="east"))
    error = await refusal(stream.read())

    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    assert caplog.records == []


async def test_a_certificate_of_another_authority_cannot_connect(house: Any, tmp_path: Any) -> None:
    server = await house.serve(Say=say)
    stranger = Authority.create(tmp_path / "other", house.now_ms)
    theirs = stranger.issue("agent", "spiffe://menshen/site/north/agent/a-1", house.now_ms)
    mixed = type(theirs)(theirs.certificate_file, theirs.key_file, house.server_files.trust_file)
    client = await house.client(server.address, mixed)

    assert (await refusal(client.say(house.note(), timeout=5))).code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("validity", [{"lifetime_ms": -DAY_MS}, {"starts_in_ms": DAY_MS}])
async def test_a_certificate_outside_its_time_cannot_connect(house: Any, validity: dict[str, int]) -> None:
    server = await house.serve(Say=say)
    client = await house.client(server.address, house.issue("late", **validity))

    assert (await refusal(client.say(house.note(), timeout=5))).code() is grpc.StatusCode.UNAVAILABLE


async def test_a_caller_without_a_certificate_cannot_connect(house: Any) -> None:
    server = await house.serve(Say=say)
    trust = grpc.ssl_channel_credentials(house.server_files.trust_file.read_bytes())
    async with grpc.aio.secure_channel(server.address, trust) as channel:
        call: Any = channel.unary_unary(f"/{house.service}/Say")

        error = await refusal(call(b"{}", timeout=5))

    assert error.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_server_with_another_name_is_not_believed(house: Any) -> None:
    server = await house.serve(Say=say)
    client = await house.client(server.address, server_name="access")

    assert (await refusal(client.say(house.note(), timeout=5))).code() is grpc.StatusCode.UNAVAILABLE


async def test_reflection_answers_an_identified_caller(house: Any) -> None:
    server = await house.serve(Say=say)
    client = await house.client(server.address)
    stub = reflection_pb2_grpc.ServerReflectionStub(client.channel)

    stream = stub.ServerReflectionInfo(timeout=5)
    await stream.write(reflection_pb2.ServerReflectionRequest(list_services=""))
    answer = await stream.read()
    await stream.done_writing()

    assert house.service in [found.name for found in answer.list_services_response.service]


async def test_an_unknown_method_is_unimplemented(house: Any) -> None:
    server = await house.serve(Say=say)
    client = await house.client(server.address)

    assert (await refusal(client.missing(house.note(), timeout=5))).code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_table_row_that_no_service_has_stops_the_start(house: Any) -> None:
    table = AuthorizationTable({f"/{house.service}/Sya": [Allow(Role.AGENT)]})

    with pytest.raises(ValueError, match="Sya"):
        build_server(
            listen="127.0.0.1:0",
            tls=house.server_files,
            services=[Service(house.service, house.notes_service(Say=say).add)],
            table=table,
            metrics=house.metrics,
        )
