"""Writing what decisions are made on: records, plan, circumstances, places."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

from menshen_access.domain.register import FS
from menshen_access.domain.store import FeedCursor, PlaceAtOutset, RecordPut
from menshen_access.ports import NotReadyError
from menshen_access.redis.connection import Argument
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.library import FORGIVE, PUT_DOCUMENT, PUT_PLACES, PUT_RECORDS, PUT_USES
from menshen_access.redis.resp import SiteClients

MOST_AT_ONCE: Final = 500
RECORDS_IN_A_CALL: Final = 100
"""Redis does nothing else while it takes one call: a decision of any site waits for so many records and no more."""

_SCAN_COUNT: Final = 500


class RedisProjection:
    """Implements ports.Projection."""

    def __init__(self, clients: SiteClients, generations: SiteGenerations) -> None:
        self._clients = clients
        self._generations = generations

    async def put_records(
        self, site: str, generation: int, puts: Sequence[RecordPut], cursor: FeedCursor | None = None
    ) -> int:
        if len(puts) > MOST_AT_ONCE:
            raise ValueError(f"at most {MOST_AT_ONCE} records at once")
        applied = 0
        for start in range(0, max(len(puts), 1), RECORDS_IN_A_CALL):
            end = start + RECORDS_IN_A_CALL
            # The place moves with the last of them: whoever begins again puts the others again, which changes nothing.
            arguments = _cursor_arguments(cursor if end >= len(puts) else None)
            for put in puts[start:end]:
                pins = encode_pins(put.pin_verifier, put.duress_verifier)
                arguments += (put.subject_id, put.version, put.record, pins)
                arguments += (len(put.keys), *put.keys, len(put.dropped_keys), *put.dropped_keys)
            applied += await self._put(PUT_RECORDS, site, generation, *arguments)
        return applied

    async def put_plan(self, site: str, generation: int, version: int, plan: bytes) -> bool:
        return await self._put(PUT_DOCUMENT, site, generation, "plan", version, plan) == 1

    async def put_circumstances(self, site: str, generation: int, version: int, circumstances: bytes) -> bool:
        return await self._put(PUT_DOCUMENT, site, generation, "circumstances", version, circumstances) == 1

    async def put_places(self, site: str, generation: int, places: Sequence[PlaceAtOutset]) -> int:
        if len(places) > MOST_AT_ONCE:
            raise ValueError(f"at most {MOST_AT_ONCE} registers at once")
        arguments: list[Argument] = []
        for place in places:
            arguments += (place.subject_id, FS.join(place.area_path), place.at_ms, place.event_id, place.access_point)
        return await self._put(PUT_PLACES, site, generation, *arguments)

    async def put_uses(self, site: str, generation: int, uses: Sequence[tuple[str, str]]) -> int:
        if len(uses) > MOST_AT_ONCE:
            raise ValueError(f"at most {MOST_AT_ONCE} uses at once")
        return await self._put(PUT_USES, site, generation, *(part for use in uses for part in use))

    async def forget_uses(self, site: str, used_ids: Sequence[str]) -> int:
        """Forget uses whatever the generation; how many were there. Raises StoreAwayError."""
        return int(await self._clients[site].call("HDEL", self._generations.keys[site].used, *used_ids))

    async def forgive(
        self, site: str, generation: int, at_ms: int, event_id: str, areas: frozenset[str], subject_id: str = ""
    ) -> int:
        common: tuple[Argument, ...] = (at_ms, event_id, len(areas), *sorted(areas))
        if subject_id:
            return await self._put(FORGIVE, site, generation, *common, subject_id)
        forgiven, cursor = 0, b"0"
        while True:
            cursor, flat = await self._clients[site].call(
                "HSCAN", self._generations.keys[site].presence, cursor, "COUNT", _SCAN_COUNT
            )
            subjects = flat[::2]
            for start in range(0, len(subjects), MOST_AT_ONCE):
                batch = subjects[start : start + MOST_AT_ONCE]
                forgiven += await self._put(FORGIVE, site, generation, *common, *batch)
            if cursor == b"0":
                return forgiven

    async def cursors(self, site: str) -> Mapping[str, FeedCursor]:
        flat = await self._clients[site].call("HGETALL", self._generations.keys[site].cursors)
        found = {}
        for feed, value in zip(flat[::2], flat[1::2], strict=True):
            epoch, _, position = value.decode().partition(":")
            found[feed.decode()] = FeedCursor(feed.decode(), int(epoch), int(position))
        return found

    async def occupancy(self, site: str, areas: Sequence[str], now_ms: int) -> Mapping[str, tuple[int, int]]:
        keys = self._generations.keys[site]
        present = [self._clients[site].call("HGET", keys.occupancy, area) for area in areas]
        reserved = [self._clients[site].call("ZCOUNT", keys.reservations(area), f"({now_ms}", "+inf") for area in areas]
        return {
            area: (int(await inside or 0), int(await kept))
            for area, inside, kept in zip(areas, present, reserved, strict=True)
        }

    async def _put(self, function: str, site: str, generation: int, *arguments: Argument) -> int:
        head = self._generations.keys[site].head
        answer: list[Any] = await self._clients[site].call("FCALL", function, 1, head, generation, *arguments)
        if answer[0] != b"OK":
            raise NotReadyError("the generation is not the one in force")
        return int(answer[1])


class RedisDocuments:
    """Reads what a site's decisions share: its plan and circumstances."""

    def __init__(self, clients: SiteClients, generations: SiteGenerations) -> None:
        self._clients = clients
        self._generations = generations

    async def plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON) of the plan in force; version 0 for none. Raises StoreAwayError."""
        return await self._document(site, self._generations.keys[site].plan)

    async def circumstances(self, site: str) -> tuple[int, bytes]:
        """(version, encoded circumstances); version 0 for none. Raises StoreAwayError."""
        return await self._document(site, self._generations.keys[site].circumstances)

    async def pins(self, site: str, subject_id: str) -> tuple[bytes, bytes]:
        """(verifier, duress verifier) of a subject, empty for none. Raises StoreAwayError."""
        text = await self._clients[site].call("HGET", self._generations.keys[site].pins, subject_id)
        plain, _, duress = (text or b"|").partition(b"|")
        return base64.b64decode(plain), base64.b64decode(duress)

    async def _document(self, site: str, key: str) -> tuple[int, bytes]:
        value = await self._clients[site].call("GET", key)
        version, _, document = (value or b"0|").partition(b"|")
        return int(version), document


def _cursor_arguments(cursor: FeedCursor | None) -> list[Argument]:
    return [cursor.feed, cursor.epoch, cursor.position] if cursor else ["", 0, 0]


def encode_pins(verifier: bytes, duress: bytes) -> str:
    """The value of a subject's field in `pins`; "" when it has neither."""
    if not verifier and not duress:
        return ""
    return f"{base64.b64encode(verifier).decode()}|{base64.b64encode(duress).decode()}"
