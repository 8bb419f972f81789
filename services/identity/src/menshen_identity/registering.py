"""Organisations and cardholders: register, change."""

from collections.abc import Callable
from dataclasses import replace

from menshen_identity.domain.people import (
    Cardholder,
    Organisation,
    cardholder_faults,
    organisation_faults,
    with_home,
)
from menshen_identity.domain.words import Fault, site_fault
from menshen_identity.ports import Change, Registry
from menshen_identity.troubles import cardholder_unknown, outdated, refuse, taken, unknown


class Registering:
    """`known_sites` are the university's; empty when they were not told. `new_id` makes UUIDs."""

    def __init__(self, registry: Registry, known_sites: frozenset[str], new_id: Callable[[], str]) -> None:
        self._registry = registry
        self._known_sites = known_sites
        self._new_id = new_id

    async def put_organisation(self, actor: str, site: str, organisation: Organisation) -> Organisation:
        """Create (empty id) or change one. NOT_FOUND when the id, or the parent, is not of this site."""
        self._refuse_site(site)
        refuse(organisation_faults(organisation), "organisation.")
        async with self._registry.change(actor) as change:
            if organisation.organisation_id:
                await _require_organisation(change, site, organisation.organisation_id)
            else:
                organisation = replace(organisation, organisation_id=self._new_id())
            if organisation.parent_id:
                await _refuse_cycle(change, site, organisation)
            await change.put_organisation(site, organisation)
            await change.note("PUT_ORGANISATION", site, organisation.organisation_id)
        return organisation

    async def create(self, actor: str, site: str, cardholder: Cardholder) -> Cardholder:
        """Register one, at home at `site`. EXISTS for an id or external_ref that is taken."""
        cardholder = self._checked(site, cardholder)
        if not cardholder.name:
            refuse((Fault("name", "姓名", "a name"),), "cardholder.")
        cardholder_id = cardholder.cardholder_id or f"c:{self._new_id()}"
        cardholder = replace(cardholder, cardholder_id=cardholder_id, version=0)
        async with self._registry.change(actor) as change:
            if await change.lock(cardholder_id):
                raise taken("cardholder.cardholder_id", "编号", "id")
            await _require_own_organisation(change, site, cardholder)
            await change.put_cardholder(cardholder)
            change.touch(cardholder)
            await change.note("CREATE_CARDHOLDER", site, cardholder_id)
        return replace(cardholder, version=1)

    async def update(self, actor: str, site: str, cardholder: Cardholder) -> Cardholder:
        """Overwrite one; an empty name keeps the stored one. CONFLICT unless its version is the current one."""
        given = self._checked(site, cardholder)
        async with self._registry.change(actor) as change:
            stored = (await change.lock(given.cardholder_id)).get(given.cardholder_id)
            if stored is None or stored.site != site:
                raise cardholder_unknown()
            if stored.version != given.version:
                raise outdated(given.version, stored.version)
            await _require_own_organisation(change, site, given)
            given = replace(given, name=given.name or stored.name)
            if given == stored:
                return stored
            await change.put_cardholder(given)
            change.touch(given)
            await change.note("UPDATE_CARDHOLDER", site, given.cardholder_id)
        return replace(given, version=given.version + 1)

    def _checked(self, site: str, cardholder: Cardholder) -> Cardholder:
        self._refuse_site(site)
        refuse(cardholder_faults(cardholder, self._known_sites), "cardholder.")
        return replace(
            cardholder,
            site=site,
            sites=with_home(site, cardholder.sites),
            groups=tuple(sorted(set(cardholder.groups))),
        )

    def _refuse_site(self, site: str) -> None:
        fault = site_fault("site", site, self._known_sites)
        refuse((fault,) if fault else ())


async def _require_organisation(change: Change, site: str, organisation_id: str) -> Organisation:
    found = await change.organisation(organisation_id)
    if found is None or found[0] != site:
        raise unknown("单位", "organisation")
    return found[1]


async def _require_own_organisation(change: Change, site: str, cardholder: Cardholder) -> None:
    if cardholder.organisation_id:
        await _require_organisation(change, site, cardholder.organisation_id)


async def _refuse_cycle(change: Change, site: str, organisation: Organisation) -> None:
    """Walk up from the parent; meeting the organisation itself would make the tree a ring."""
    parent_id, seen = organisation.parent_id, {organisation.organisation_id}
    while parent_id:
        if parent_id in seen:
            refuse((Fault("organisation.parent_id", "不在自身之下的上级", "a parent that is not below itself"),))
        seen.add(parent_id)
        parent_id = (await _require_organisation(change, site, parent_id)).parent_id
