"""A channel that follows its certificate: what is replaced on disk is used by the next call, without a restart."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import structlog

from menshen_servicekit.tls import Stamp

RETIRED_S = 600.0
"""How long calls that began before a renewal may go on. Servers end connections sooner, for their age."""

_log = structlog.get_logger(__name__)


class FollowingChannel(grpc.aio.Channel):
    """Behaves as the channel `open_` gives, opened anew whenever `stamp` has changed when a call begins.

    A renewal that cannot be read, such as one half copied, is logged once and the channel in use stays in use.
    """

    def __init__(self, open_: Callable[[], grpc.aio.Channel], stamp: Callable[[], Stamp]) -> None:
        """OSError or ValueError when the files cannot be used at the start."""
        self._open = open_
        self._read_stamp = stamp
        self._stamp = stamp()
        self._channel = open_()
        self._retired: set[asyncio.Task[None]] = set()

    def current(self) -> grpc.aio.Channel:
        """The channel a call that begins here goes through."""
        try:
            stamp = self._read_stamp()
        except OSError:
            return self._channel
        if stamp != self._stamp:
            self._stamp = stamp
            self._renew()
        return self._channel

    def _renew(self) -> None:
        try:
            fresh = self._open()
        except (OSError, ValueError) as error:
            _log.warning("certificate_reload_refused", error=type(error).__name__)
            return
        old, self._channel = self._channel, fresh
        retiring = asyncio.get_running_loop().create_task(_retire(old), name="retired channel")
        self._retired.add(retiring)
        retiring.add_done_callback(self._retired.discard)
        _log.info("certificate_reloaded")

    async def close(self, grace: float | None = None) -> None:
        retired = tuple(self._retired)
        for retiring in retired:
            retiring.cancel()
        await self._channel.close(grace)
        await asyncio.gather(*retired, return_exceptions=True)

    async def __aenter__(self) -> "FollowingChannel":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        return self.current().get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        await self.current().wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        await self.current().channel_ready()

    def unary_unary(self, *args: Any, **kwargs: Any) -> Any:
        return _Calls(self, lambda channel: channel.unary_unary(*args, **kwargs))

    def unary_stream(self, *args: Any, **kwargs: Any) -> Any:
        return _Calls(self, lambda channel: channel.unary_stream(*args, **kwargs))

    def stream_unary(self, *args: Any, **kwargs: Any) -> Any:
        return _Calls(self, lambda channel: channel.stream_unary(*args, **kwargs))

    def stream_stream(self, *args: Any, **kwargs: Any) -> Any:
        return _Calls(self, lambda channel: channel.stream_stream(*args, **kwargs))


async def _retire(channel: grpc.aio.Channel) -> None:
    """Close a channel once its time is over, or at once when cancelled."""
    try:
        await asyncio.sleep(RETIRED_S)
    finally:
        await channel.close()


class _Calls:
    """The calls of one method, each through the channel that is current when it begins."""

    __slots__ = ("_begin", "_build", "_channel", "_following")

    def __init__(self, following: FollowingChannel, build: Callable[[grpc.aio.Channel], Any]) -> None:
        self._following = following
        self._build = build
        self._channel: grpc.aio.Channel | None = None
        self._begin: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        channel = self._following.current()
        if channel is not self._channel:
            self._channel, self._begin = channel, self._build(channel)
        return self._begin(*args, **kwargs)
