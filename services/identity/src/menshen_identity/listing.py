"""Black and white lists: add, end."""

from collections.abc import Callable
from dataclasses import replace

from menshen_servicekit.clock import Clock

from menshen_identity.domain.lists import ListEntry, ListKind, ended, entry_faults, is_over
from menshen_identity.domain.words import reason_fault
from menshen_identity.ports import Registry
from menshen_identity.troubles import already_over, cardholder_unknown, refuse, unknown


class Listing:
    """`known_sites` are the university's; empty when they were not told. `new_id` makes UUIDs."""

    def __init__(
        self, registry: Registry, clock: Clock, known_sites: frozenset[str], new_id: Callable[[], str]
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._known_sites = known_sites
        self._new_id = new_id

    async def add(self, actor: str, site: str, entry: ListEntry) -> ListEntry:
        """Put a cardholder the site knows on a list; without a begin it is in force at once."""
        refuse(entry_faults(entry, self._known_sites), "entry.")
        from_ms = entry.from_ms or self._clock.now_ms()
        entry = replace(entry, entry_id=self._new_id(), from_ms=from_ms)
        async with self._registry.change(actor) as change:
            cardholder = (await change.lock(entry.cardholder_id)).get(entry.cardholder_id)
            if cardholder is None or site not in cardholder.sites:
                raise cardholder_unknown()
            await change.put_entry(entry)
            change.touch(cardholder, is_urgent=entry.kind is ListKind.BLACK)
            await change.note(f"LIST_{entry.kind.name}", site, entry.entry_id, entry.reason_code)
        return entry

    async def end(self, actor: str, site: str, bound_site: str | None, entry_id: str, reason: str) -> ListEntry:
        """Take an entry out of force now. An entry for other sites is unknown to a caller bound to one.

        Ending a white entry is a revocation. CONFLICT when it is over already.
        """
        fault = reason_fault(reason)
        refuse((fault,) if fault else ())
        async with self._registry.change(actor) as change:
            seen = await change.entry(entry_id)
            if seen is None or (bound_site is not None and seen.scope_site != bound_site):
                raise unknown("名单条目", "list entry")
            cardholder = (await change.lock(seen.cardholder_id)).get(seen.cardholder_id)
            entry = await change.entry(entry_id)
            if entry is None or cardholder is None or site not in cardholder.sites:
                raise unknown("名单条目", "list entry")
            now_ms = self._clock.now_ms()
            if is_over(entry, now_ms):
                raise already_over("名单条目", "list entry")
            entry = ended(entry, now_ms)
            await change.put_entry(entry)
            change.touch(cardholder, is_urgent=entry.kind is ListKind.WHITE)
            await change.note("LIST_ENDED", site, entry_id, reason)
        return entry
