"""Look-ups: names are masked unless the caller may see them and says why, which is then on record."""

from dataclasses import dataclass, replace

from menshen_servicekit.clock import Clock

from menshen_identity.domain.credentials import Credential, Identifier, identifier_fault, normal_identifier
from menshen_identity.domain.facts import Fact
from menshen_identity.domain.lists import ListEntry
from menshen_identity.domain.people import Cardholder, Organisation, masked
from menshen_identity.domain.visits import Visit
from menshen_identity.domain.words import Fault as FieldFault
from menshen_identity.domain.words import line_fault
from menshen_identity.ports import Registry
from menshen_identity.troubles import cardholder_unknown, refuse, unknown

DEFAULT_PAGE = 100
MAX_PAGE = 1000
MAX_VISITS = 1000


@dataclass(frozen=True, slots=True)
class Holding:
    """A cardholder with what they hold; `entries` are those in force or to come."""

    cardholder: Cardholder
    credentials: tuple[Credential, ...]
    facts: tuple[Fact, ...]
    entries: tuple[ListEntry, ...]


class LookingUp:
    """Reads; the only change it makes is the note that a name was shown."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def cardholder(
        self, actor: str, site: str, cardholder_id: str, *, is_operator: bool, purpose: str
    ) -> Holding:
        """One the site knows. An operator with a purpose sees the name; only operators see list entries."""
        fault = line_fault("purpose", purpose, 200)
        refuse((fault,) if fault else ())
        found = await self._registry.cardholder(site, cardholder_id)
        if found is None:
            raise cardholder_unknown()
        if is_operator and purpose:
            async with self._registry.change(actor) as change:
                await change.note("SHOW_NAME", site, cardholder_id, purpose)
        else:
            found = replace(found, name=masked(found.name))
        return Holding(
            found,
            await self._registry.credentials(cardholder_id),
            await self._registry.facts(cardholder_id),
            await self._registry.entries(cardholder_id, self._clock.now_ms()) if is_operator else (),
        )

    async def page(self, site: str, category: str, size: int, after_id: str) -> tuple[list[Cardholder], str]:
        """The next cardholders of the site, names masked, and where the page after them begins ("" at the end)."""
        if not 0 <= size <= MAX_PAGE:
            refuse((FieldFault("page_size", f"0 至 {MAX_PAGE}", f"0 to {MAX_PAGE}"),))
        size = size or DEFAULT_PAGE
        found = await self._registry.cardholders(site, category, after_id, size + 1)
        page = [replace(cardholder, name=masked(cardholder.name)) for cardholder in found[:size]]
        return page, page[-1].cardholder_id if len(found) > size else ""

    async def credential(self, site: str, identifier: Identifier) -> Credential:
        """The one that has this identifier, else the last that had it."""
        fault = identifier_fault("identifier", identifier)
        refuse((fault,) if fault else ())
        found = await self._registry.holder_of(site, normal_identifier(identifier) or identifier)
        if found is None:
            raise unknown("凭证", "credential")
        return found

    async def organisations(self, site: str) -> tuple[Organisation, ...]:
        return await self._registry.organisations(site)

    async def visits(self, site: str, from_ms: int, to_ms: int) -> tuple[Visit, ...]:
        if from_ms < 0 or to_ms < 0:
            refuse((FieldFault("from_ms", "毫秒时间戳,或 0", "epoch milliseconds, or 0"),))
        return await self._registry.visits(site, from_ms, to_ms, MAX_VISITS)
