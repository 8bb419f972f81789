"""Decisions and events against the function library."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from menshen_rulebook.types import (
    FOREVER_MS,
    CountAttempt,
    CountBelow,
    Effect,
    Guard,
    HoldsUnchanged,
    MoveNow,
    NotUsed,
    NowWithin,
    OpenReview,
    PlanIs,
    PresenceIs,
    Reserve,
    Used,
    UseOnce,
    VersionIs,
)

from menshen_access.domain.events import EventPayload
from menshen_access.domain.register import FS, RS, US
from menshen_access.domain.store import (
    CommitAnswer,
    CommitRequest,
    EventAnswer,
    Happening,
    LiveRead,
    ReadWish,
    Stored,
    Verdict,
)
from menshen_access.ports import NotReadyError, StoreAwayError, StoreBusyError
from menshen_access.redis.connection import Argument, CommandRefusedError
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.library import COMMIT, EVENT, READ
from menshen_access.redis.resp import SiteClients
from menshen_access.redis.second_tries import RELOCATION_S, SecondTries


class RedisStore:
    """Implements ports.DecisionStore. `stream_limit` bounds a site's event stream; past it commits are refused."""

    def __init__(self, clients: SiteClients, generations: SiteGenerations, stream_limit: int) -> None:
        self._clients = clients
        self._generations = generations
        self._stream_limit = stream_limit
        self._tries = SecondTries(clients.values())

    def commit(
        self, site: str, request: CommitRequest, settled: Callable[[CommitAnswer | StoreAwayError], None]
    ) -> None:
        self._commit(site, request, settled, None, 1)

    def _commit(
        self,
        site: str,
        request: CommitRequest,
        settled: Callable[[CommitAnswer | StoreAwayError], None],
        made_in: int | None,
        tries: int,
    ) -> None:
        """One try of at most MOST_TRIES; `made_in` is the generation in which an earlier one may have been carried out.

        In another generation its answer may be forgotten though its event was recorded: there it is not made again.
        """
        client = self._clients[site]

        def again(known: int | None) -> bool:
            return self._tries.wait(
                client, tries, request.answer_by, lambda: self._commit(site, request, settled, known, tries + 1)
            )

        generation = self._generations.current(site)
        if generation is None or (made_in is not None and made_in != generation):
            if client.is_connected or not again(made_in):
                settled(self._unready(site))
            return

        def settle(reply: Any) -> None:
            if isinstance(reply, Exception):
                if not _is_lost(reply) or not again(generation):
                    settled(_away(reply))
                return
            answer = _commit_answer(reply)
            if answer.verdict is Verdict.NOT_READY:
                self._generations.doubt(site)
            elif made_in is not None and answer.stored == request.encoded:
                answer = CommitAnswer(Verdict.OK)
            settled(answer)

        client.send(self._commit_arguments(site, generation, request), settle)

    async def decisions(self, site: str, event_ids: Sequence[str]) -> Sequence[bytes]:
        if not event_ids:
            return []
        keys = map(self._generations.keys[site].decision, event_ids)
        return [payload or b"" for payload in await self._clients[site].call("MGET", *keys)]

    def read(self, site: str, wish: ReadWish) -> "asyncio.Future[LiveRead]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[LiveRead] = loop.create_future()
        self._read(site, wish, future, loop.time() + RELOCATION_S, 1)
        return future

    def _read(
        self, site: str, wish: ReadWish, future: "asyncio.Future[LiveRead]", answer_by: float, tries: int
    ) -> None:
        client = self._clients[site]

        def again() -> bool:
            return self._tries.wait(
                client, tries, answer_by, lambda: self._read(site, wish, future, answer_by, tries + 1)
            )

        generation = self._generations.current(site)
        if generation is None:
            if not future.done() and (client.is_connected or not again()):
                future.set_exception(self._not_ready(site))
            return

        def settle(reply: Any) -> None:
            if not (_is_lost(reply) and again()):
                self._settle_read(site, future, reply)

        client.send(("FCALL_RO", READ, 1, self._head(site), generation, *_wish_tokens(wish)), settle)

    def append(self, site: str, happening: Happening, event: EventPayload) -> "asyncio.Future[EventAnswer]":
        generation = self._generations.current(site)
        future: asyncio.Future[EventAnswer] = asyncio.get_running_loop().create_future()
        if generation is None:
            _settle_event(
                future, [b"NOT_READY"] if self._clients[site].is_connected else StoreAwayError("not connected")
            )
            return future
        return self._event(site, generation, "append", happening, event, future)

    def apply(self, site: str, generation: int, happening: Happening) -> "asyncio.Future[EventAnswer]":
        future: asyncio.Future[EventAnswer] = asyncio.get_running_loop().create_future()
        return self._event(site, generation, "apply", happening, None, future)

    def _event(
        self,
        site: str,
        generation: int,
        mode: str,
        happening: Happening,
        event: EventPayload | None,
        future: "asyncio.Future[EventAnswer]",
    ) -> "asyncio.Future[EventAnswer]":
        arguments: tuple[Argument, ...] = (
            "FCALL",
            EVENT,
            1,
            self._head(site),
            generation,
            mode,
            happening.event_id,
            int(happening.kind),
            happening.at_ms,
            int(happening.obeyed),
            encode_effects(happening.effects)[0],
            happening.presentation_id,
            event.encode() if event else b"",
            self._stream_limit,
        )
        self._clients[site].send(arguments, lambda reply: _settle_event(future, reply))
        return future

    def _commit_arguments(self, site: str, generation: int, request: CommitRequest) -> tuple[Argument, ...]:
        from_ms, to_ms, tokens = guard_tokens(request.guards)
        for key in request.absent_keys:
            tokens += ("K", key)
        return (
            "FCALL",
            COMMIT,
            1,
            self._head(site),
            generation,
            request.now_ms,
            from_ms,
            to_ms,
            request.event.core["event_id"],
            self._stream_limit,
            request.encoded,
            *encode_effects(request.effects),
            *tokens,
        )

    def _settle_read(self, site: str, future: "asyncio.Future[LiveRead]", reply: Any) -> None:
        if future.done():
            return
        if isinstance(reply, Exception):
            future.set_exception(_away(reply))
        elif reply[0] == b"NOT_READY":
            self._generations.doubt(site)
            future.set_exception(NotReadyError("the site is being rebuilt"))
        else:
            future.set_result(live_read(reply[1:]))

    def _head(self, site: str) -> str:
        return self._generations.keys[site].head

    def _unready(self, site: str) -> CommitAnswer | StoreAwayError:
        if self._clients[site].is_connected:
            return CommitAnswer(Verdict.NOT_READY)
        return StoreAwayError("not connected to Redis")

    def _not_ready(self, site: str) -> Exception:
        if self._clients[site].is_connected:
            return NotReadyError("the site is being rebuilt")
        return StoreAwayError("not connected to Redis")


def encode_effects(effects: Sequence[Effect]) -> tuple[str, str]:
    """The effects the function library keeps (claims.lua says how), and the attempts to count at once."""
    kept: list[str] = []
    counted: list[str] = []
    for effect in effects:
        kind = type(effect)
        if kind is OpenReview:
            kept += ["V" + row for row in map(_effect_text, cast(OpenReview, effect).then) if row]
        elif kind is CountAttempt:
            attempt = cast(CountAttempt, effect)
            counted.append(f"C{US}{attempt.access_point_id}{US}{attempt.forgotten_after_ms}")
        elif row := _effect_text(effect):
            kept.append(row)
    return RS.join(kept), RS.join(counted)


def _effect_text(effect: Effect) -> str:
    if isinstance(effect, Reserve):
        path = FS.join(effect.area_path)
        return f"R{US}{effect.subject_id}{US}{path}{US}{effect.access_point_id}{US}{effect.expires_at_ms}"
    if isinstance(effect, MoveNow):
        path = FS.join(effect.area_path)
        return f"M{US}{effect.subject_id}{US}{path}{US}{effect.access_point_id}{US}{effect.at_ms}"
    return f"U{US}{effect.used_id}" if isinstance(effect, UseOnce) else ""


def guard_tokens(guards: Sequence[Guard]) -> tuple[int, int, list[Argument]]:
    """The policy's interval, and the other guards as arguments of the commit function."""
    from_ms, to_ms = 0, FOREVER_MS
    tokens: list[Argument] = []
    for guard in guards:
        kind = type(guard)
        if isinstance(guard, NowWithin):
            from_ms, to_ms = guard.from_ms, guard.to_ms
        else:
            tokens += _TOKENS[kind](guard)
    return from_ms, to_ms, tokens


_TOKENS: Mapping[type, Callable[[Any], tuple[Argument, ...]]] = {
    VersionIs: lambda guard: ("V", guard.subject_id, guard.version),
    PlanIs: lambda guard: ("P", guard.version),
    HoldsUnchanged: lambda guard: ("H", guard.version),
    PresenceIs: lambda guard: ("I", guard.subject_id, guard.version),
    CountBelow: lambda guard: ("B", guard.area_id, guard.limit, guard.subject_id),
    NotUsed: lambda guard: ("N", guard.used_id),
    Used: lambda guard: ("D", guard.used_id),
}


def live_read(reply: Sequence[Any]) -> LiveRead:
    """The answer of `read_values`."""
    plan_version, circumstances_version, attempts, records, registers, counts, used, keys = reply
    return LiveRead(
        int(plan_version),
        int(circumstances_version),
        {subject: _record(value) for subject, value in _pairs(records).items() if value},
        _pairs(registers),
        {area: int(count) for area, count in _pairs(counts).items()},
        frozenset(name.decode() for name in used),
        {key: subject.decode() or None for key, subject in _pairs(keys).items()},
        int(attempts),
    )


def _pairs(flat: Sequence[bytes]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def _record(value: bytes) -> tuple[int, bytes]:
    version, _, record = value.partition(b"|")
    return int(version), record


def _wish_tokens(wish: ReadWish) -> list[Argument]:
    tokens: list[Argument] = []
    named = (("s", wish.subject_ids), ("k", wish.keys), ("a", wish.areas), ("u", wish.used_ids))
    for kind, names in named:
        for name in names:
            tokens += (kind, name)
    if wish.access_point:
        tokens += ("p", wish.access_point)
    return tokens


_NO_MOVES: Mapping[str, bytes] = {}


def _commit_answer(reply: list[Any]) -> CommitAnswer:
    word = reply[0]
    if word == b"OK":
        return CommitAnswer(Verdict.OK, moved=_pairs(reply[1]) if len(reply) > 1 else _NO_MOVES)
    if word == b"REPEATED":
        return CommitAnswer(Verdict.REPEATED, stored=reply[1])
    if word == b"STALE":
        return CommitAnswer(Verdict.STALE, fresh=live_read(reply[1:]))
    return CommitAnswer(Verdict(word.decode()), detail=reply[1].decode() if len(reply) > 1 else "")


def _settle_event(future: "asyncio.Future[EventAnswer]", reply: Any) -> None:
    if future.done():
        return
    if isinstance(reply, Exception):
        future.set_exception(_away(reply))
        return
    stored = Stored(reply[0].decode())
    if stored is not Stored.OK:
        future.set_result(EventAnswer(stored))
        return
    flags = reply[1]
    future.set_result(EventAnswer(stored, b"L" in flags, b"U" in flags, _pairs(reply[2])))


def _is_lost(reply: Any) -> bool:
    """Whether a call was lost with its connection: refused by a server that is no primary, or nobody knows."""
    return isinstance(reply, StoreAwayError) and not isinstance(reply, StoreBusyError)


def _away(trouble: Exception) -> StoreAwayError:
    if isinstance(trouble, StoreAwayError):
        return trouble
    code = trouble.code if isinstance(trouble, CommandRefusedError) else type(trouble).__name__
    return StoreAwayError(f"Redis refused the command: {code}")
