"""Channels: how they find servers, and what they do when one goes away."""

import asyncio
from typing import Any

import grpc
from menshen_servicekit.channel import KEEPALIVE_MS
from menshen_servicekit.server import MIN_PING_INTERVAL_MS, ServerLimits, build_server


async def say(request: Any, context: Any) -> Any:
    return request


async def test_a_dns_target_is_resolved_and_its_server_known_by_the_service_name(house: Any) -> None:
    server = await house.serve(Say=say)
    client = await house.client(f"dns:///localhost:{server.address.rpartition(':')[2]}", retry=True)

    assert (await client.say(house.note(text="hello"), timeout=5)).text == "hello"


async def test_a_channel_outlives_the_restart_of_its_server(house: Any) -> None:
    first = await house.serve(Say=say)
    client = await house.client(first.address, retry=True)
    await client.say(house.note(), timeout=5)
    await first.stop(0)

    second = build_server(
        listen=first.address,
        tls=house.server_files,
        services=[house.notes_service(Say=say)],
        table=house.agents_only("Say"),
        metrics=house.metrics,
    )
    await second.start()

    answer = await client.say(house.note(text="again"), timeout=10, wait_for_ready=True)
    await second.stop(0)

    assert answer.text == "again"


async def test_calls_go_on_while_connections_are_renewed_for_their_age(house: Any) -> None:
    limits = ServerLimits(max_connection_age_s=1, max_connection_age_grace_s=1)
    server = await house.serve(options={"limits": limits}, Say=say)
    client = await house.client(server.address, retry=True)
    channel: grpc.aio.Channel = client.channel
    await client.say(house.note(), timeout=5)

    async with asyncio.timeout(10):
        while channel.get_state() is grpc.ChannelConnectivity.READY:
            await channel.wait_for_state_change(grpc.ChannelConnectivity.READY)

    assert (await client.say(house.note(text="renewed"), timeout=5)).text == "renewed"


def test_clients_ping_less_often_than_servers_forbid() -> None:
    assert KEEPALIVE_MS > MIN_PING_INTERVAL_MS
