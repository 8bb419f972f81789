"""Typed PINs against the verifiers identity gave: slow on purpose, so in threads, and few at a time."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from menshen_rulebook.types import PinVerdict
from menshen_servicekit.verifiers import matches

from menshen_access.ports import Documents

_THREADS = 2


class PinChecks:
    """Checks PINs. `pepper` is the key identity made the verifiers with; empty where PINs are not in use."""

    def __init__(self, documents: Documents, pepper: bytes, most_waiting: int = 32) -> None:
        self._documents = documents
        self._pepper = pepper
        self._most_waiting = most_waiting
        self._waiting = 0
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="pin")

    async def check(self, site: str, subject_ids: Sequence[str], pin: str) -> PinVerdict:
        """The verdict of the first of these subjects that has a PIN; a duress PIN is one of its own.

        UNVERIFIABLE when none has one, when too many checks wait, or without a pepper. Raises StoreAwayError.
        """
        if not self._pepper or self._waiting >= self._most_waiting:
            return PinVerdict.UNVERIFIABLE
        self._waiting += 1
        try:
            for subject_id in subject_ids:
                plain, duress = await self._documents.pins(site, subject_id)
                if plain or duress:
                    loop = asyncio.get_running_loop()
                    return await loop.run_in_executor(self._executor, _verdict, plain, duress, pin, self._pepper)
        finally:
            self._waiting -= 1
        return PinVerdict.UNVERIFIABLE

    async def close(self) -> None:
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)


def _verdict(plain: bytes, duress: bytes, pin: str, pepper: bytes) -> PinVerdict:
    # Both are always computed: the time taken must not tell a duress PIN from another.
    is_plain, is_duress = matches(plain, pin, pepper), matches(duress, pin, pepper)
    if is_duress:
        return PinVerdict.DURESS
    return PinVerdict.OK if is_plain else PinVerdict.WRONG
