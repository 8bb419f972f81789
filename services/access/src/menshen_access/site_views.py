"""What all decisions of a site share, as this process last saw it: plan and circumstances."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass

from menshen_rulebook.plan import SitePlan, plan_from_mapping

from menshen_access.domain.circumstances import Circumstances, decode_circumstances
from menshen_access.ports import Documents, NotReadyError


@dataclass(frozen=True, slots=True)
class SiteView:
    """A plan and circumstances that were in force at some moment; a commit's guards say whether they still are."""

    plan: SitePlan
    circumstances: Circumstances


class SiteViews:
    """Keeps one view a site and replaces it when a newer one is asked for."""

    def __init__(self, sites: Iterable[str], documents: Documents) -> None:
        self._documents = documents
        self._views: dict[str, SiteView] = {}
        self._loading = {site: asyncio.Lock() for site in sites}

    def serves(self, site: str) -> bool:
        return site in self._loading

    def get(self, site: str) -> SiteView | None:
        """The view as last seen; None before the first load."""
        return self._views.get(site)

    async def load(self, site: str) -> SiteView:
        """The view, loaded if there is none. Raises NotReadyError where the site has no plan, or StoreAwayError."""
        return self._views.get(site) or await self.renew(site, None)

    async def renew(self, site: str, seen: SiteView | None) -> SiteView:
        """Load anew unless another task replaced `seen` in the meantime. Errors as with `load`."""
        async with self._loading[site]:
            view = self._views.get(site)
            if view is not None and view is not seen:
                return view
            view = await self._read(site, view)
            self._views[site] = view
            return view

    async def _read(self, site: str, old: SiteView | None) -> SiteView:
        plan_version, plan = await self._documents.plan(site)
        circumstances_version, circumstances = await self._documents.circumstances(site)
        if not plan:
            raise NotReadyError("the site has no plan")
        if old is not None and old.plan.version == plan_version:
            parsed = old.plan
        else:
            parsed = await asyncio.to_thread(lambda: plan_from_mapping(json.loads(plan)))
        if not circumstances:
            return SiteView(parsed, Circumstances())
        return SiteView(parsed, decode_circumstances(circumstances_version, circumstances))
