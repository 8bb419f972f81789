"""Client channels: mutual TLS, keepalive, spreading over replicas, retry while a server is away."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import grpc

from menshen_servicekit.following import FollowingChannel
from menshen_servicekit.tls import TlsFiles, channel_credentials, stamp_of

KEEPALIVE_MS = 20_000
"""Strictly above the server's minimum (server.MIN_PING_INTERVAL_MS), or the server closes the connection."""

MAX_MESSAGE_BYTES = 4 * 1024 * 1024


def open_channel(
    target: str,
    tls: TlsFiles,
    *,
    server_name: str | None = None,
    retry: bool = True,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
    options: Sequence[tuple[str, Any]] = (),
) -> grpc.aio.Channel:
    """A channel to `target` (`host:port` or `dns:///host:port`); the caller closes it. Connects when first used.

    A certificate replaced on disk is used by the calls that begin after it; OSError or ValueError for one that cannot
    be used at the start.

    The server's certificate must carry `server_name` (its service name, such as `access`) whatever host the target
    names; without it, the host of the target. `retry=False` suits a channel that carries one endless stream, whose
    messages would otherwise be buffered for a retry until the server answers.
    """
    settled: list[tuple[str, Any]] = [
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 5_000),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_retries", int(retry)),
        ("grpc.service_config", json.dumps(_service_config(target, retry=retry))),
    ]
    if server_name is not None:
        settled.append(("grpc.ssl_target_name_override", server_name))
    chosen = [*settled, *options]

    def connect() -> grpc.aio.Channel:
        return grpc.aio.secure_channel(target, channel_credentials(tls), options=chosen)

    return FollowingChannel(connect, partial(stamp_of, tls))


def _service_config(target: str, *, retry: bool) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if target.startswith("dns:///"):
        config["loadBalancingConfig"] = [{"round_robin": {}}]
    if retry:
        policy = {
            "maxAttempts": 4,
            "initialBackoff": "0.05s",
            "maxBackoff": "1s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"],
        }
        config["methodConfig"] = [{"name": [{}], "retryPolicy": policy}]
    return config
