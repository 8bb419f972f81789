"""Visits: book with a code of their own, cancel."""

from collections.abc import Callable
from dataclasses import replace

from menshen_servicekit.clock import Clock

from menshen_identity.code_issuing import random_code
from menshen_identity.domain.credentials import Credential, CredentialState
from menshen_identity.domain.people import Cardholder, with_home
from menshen_identity.domain.visits import VISITOR, Visit, VisitState, visit_faults
from menshen_identity.domain.words import Fault, reason_fault
from menshen_identity.ports import Registry
from menshen_identity.troubles import already_over, refuse, unknown


class Visiting:
    """Visitors are known at all of the university's `sites`, so that a wrong campus is a reason of its own."""

    def __init__(self, registry: Registry, clock: Clock, sites: frozenset[str], new_id: Callable[[], str]) -> None:
        self._registry = registry
        self._clock = clock
        self._sites = sites
        self._new_id = new_id

    async def book(self, actor: str, visit: Visit, visitor_name: str) -> tuple[Visit, Credential]:
        """Make the visitor, the visit and its code in one change. The visit's window is what bounds the code.

        INVALID for a host that nobody knows; EXISTS for an external_ref that was booked already.
        """
        now_ms = self._clock.now_ms()
        refuse(visit_faults(visit, visitor_name, now_ms, self._sites))
        visitor = self._visitor(visit, visitor_name)
        visit = replace(visit, visit_id=self._new_id(), cardholder_id=visitor.cardholder_id, state=VisitState.READY)
        credential = self._code(visit, now_ms)
        async with self._registry.change(actor) as change:
            if not await change.lock(visit.host_id):
                refuse((Fault("host_id", "已登记的受访人", "a host who is registered"),))
            await change.put_cardholder(visitor)
            await change.put_credential(credential)
            await change.put_visit(visit)
            change.touch(visitor)
            await change.note("CREATE_VISIT", visit.site, visit.visit_id)
        return visit, credential

    async def cancel(self, actor: str, site: str, visit_id: str, reason: str) -> Visit:
        """Withdraw a visit to this site. CONFLICT when it was cancelled or its window is over."""
        fault = reason_fault(reason)
        refuse((fault,) if fault else ())
        async with self._registry.change(actor) as change:
            seen = await change.visit(visit_id)
            if seen is None or seen.site != site:
                raise unknown("访问", "visit")
            visitor = (await change.lock(seen.cardholder_id))[seen.cardholder_id]
            visit = await change.visit(visit_id) or seen
            if visit.state is not VisitState.READY or visit.to_ms <= self._clock.now_ms():
                raise already_over("访问", "visit")
            visit = replace(visit, state=VisitState.CANCELLED)
            await change.put_visit(visit)
            change.touch(visitor, is_urgent=True)
            await change.note("CANCEL_VISIT", site, visit_id, reason)
        return visit

    def _visitor(self, visit: Visit, name: str) -> Cardholder:
        return Cardholder(
            cardholder_id=f"c:{self._new_id()}",
            site=visit.site,
            sites=with_home(visit.site, tuple(self._sites)),
            category=VISITOR,
            groups=(),
            name=name,
            organisation_id="",
            photo_ref="",
            external_ref="",
        )

    def _code(self, visit: Visit, now_ms: int) -> Credential:
        """The credential is unbounded in time: the visit's window decides, and says why, before and after it."""
        return Credential(
            credential_id=self._new_id(),
            cardholder_id=visit.cardholder_id,
            identifiers=(random_code(),),
            state=CredentialState.ACTIVE,
            changed_at_ms=now_ms,
        )
