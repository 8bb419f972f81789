"""Facts: reported by their sources, the newest report of a type standing."""

from menshen_servicekit.clock import Clock

from menshen_identity.domain.facts import Fact, fact_faults
from menshen_identity.domain.sources import FactSource, source_faults
from menshen_identity.ports import Registry, Sources
from menshen_identity.troubles import cardholder_unknown, refuse


class Reporting:
    """Takes reports in any order."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def report(self, actor: str, site: str, cardholder_id: str, fact: Fact) -> bool:
        """Keep a report unless a newer one of its type is kept already; True when it is the newest.

        The same report again changes nothing; of two with the same time the later to arrive stands.
        """
        refuse(fact_faults(fact, self._clock.now_ms()), "fact.")
        async with self._registry.change(actor) as change:
            cardholder = (await change.lock(cardholder_id)).get(cardholder_id)
            if cardholder is None or site not in cardholder.sites:
                raise cardholder_unknown()
            stored = await change.fact(cardholder_id, fact.type)
            if stored is not None and stored.reported_at_ms > fact.reported_at_ms:
                return False
            if stored != fact:
                await change.put_fact(cardholder_id, fact)
                change.touch(cardholder)
                await change.note("REPORT_FACT", site, cardholder_id, fact.type)
        return True


class SourceReporting:
    """Takes the word of sources that they are alive, also when they have no fact to report."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock

    async def complete(self, site: str, said: FactSource) -> FactSource:
        """Keep how far a source has reported to a site; the later word stands."""
        refuse(source_faults(said, self._clock.now_ms()), "source.")
        return await self._sources.hear(site, said)
