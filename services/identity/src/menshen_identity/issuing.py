"""Credentials: issue, and move along the life cycle."""

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo

from menshen_servicekit.clock import Clock

from menshen_identity.domain.credentials import (
    LIFE_CYCLE,
    LIVE,
    REVOKED,
    Credential,
    CredentialState,
    Identifier,
    issue_faults,
    may_follow,
    normal_identifier,
)
from menshen_identity.domain.people import Cardholder
from menshen_identity.domain.words import Fault, reason_fault
from menshen_identity.ports import Change, Registry
from menshen_identity.relations import related
from menshen_identity.troubles import cardholder_unknown, identifier_held, no_such_step, refuse, unknown


class Issuing:
    """`new_id` makes UUIDs; `zone` is that of the days of loan cards."""

    def __init__(self, registry: Registry, clock: Clock, new_id: Callable[[], str], zone: tzinfo) -> None:
        self._registry = registry
        self._clock = clock
        self._new_id = new_id
        self._zone = zone

    async def issue(self, actor: str, site: str, credential: Credential) -> Credential:
        """Give one to a cardholder the site knows.

        EXISTS when a live credential has one of its identifiers; a former holder's loses it, and their sites are told.
        What it is to be to others of the same holder is checked as `relations` says.
        """
        refuse(issue_faults(credential), "credential.")
        now_ms = self._clock.now_ms()
        credential = replace(
            credential,
            credential_id=self._new_id(),
            identifiers=_normalised(credential.identifiers),
            changed_at_ms=now_ms,
            only_site=site if credential.single_use else "",
        )
        async with self._registry.change(actor) as change:
            former = await change.holders(*credential.identifiers)
            people = await change.lock(credential.cardholder_id, *(holder.cardholder_id for holder in former))
            cardholder = people.get(credential.cardholder_id)
            if cardholder is None or site not in cardholder.sites:
                raise cardholder_unknown()
            if any(holder.state in LIVE for holder in former):
                raise identifier_held()
            if credential.replaces or credential.stands_in_for:
                held = await change.held(credential.cardholder_id)
                credential = related(credential, held, now_ms, self._zone)
            for holder in former:
                await change.supersede(holder.credential_id, *credential.identifiers)
                change.touch(people[holder.cardholder_id])
            await change.put_credential(credential)
            change.touch(cardholder)
            await change.note(_action(credential), site, credential.credential_id)
        return credential

    async def change_state(
        self, actor: str, site: str, credential_id: str, state: CredentialState, reason: str
    ) -> Credential:
        """Move one along; the same state again changes nothing. CONFLICT for a step the life cycle does not have."""
        fault = reason_fault(reason)
        unset = Fault("state", "目标状态", "the state to move to") if state is CredentialState.UNSPECIFIED else None
        refuse([fault for fault in (fault, unset) if fault])
        async with self._registry.change(actor) as change:
            credential, cardholder = await _locked(change, site, credential_id)
            if credential.state is state:
                return credential
            if not may_follow(credential.state, state):
                allowed = [after.name for after in sorted(LIFE_CYCLE[credential.state])]
                raise no_such_step(credential.state.name, state.name, allowed)
            credential = replace(credential, state=state, changed_at_ms=self._clock.now_ms())
            await change.put_credential(credential)
            change.touch(cardholder, is_urgent=state in REVOKED)
            await change.note(f"CREDENTIAL_{state.name}", site, credential_id, reason)
        return credential


def _action(credential: Credential) -> str:
    if credential.stands_in_for:
        return "ISSUE_LOAN"
    return "ISSUE_SUCCESSOR" if credential.replaces else "ISSUE_CREDENTIAL"


async def _locked(change: Change, site: str, credential_id: str) -> tuple[Credential, Cardholder]:
    """The credential as it stands once its holder is locked, and the holder."""
    seen = await change.credential(credential_id)
    if seen is not None:
        cardholder = (await change.lock(seen.cardholder_id)).get(seen.cardholder_id)
        credential = await change.credential(credential_id)
        if credential is not None and cardholder is not None and site in cardholder.sites:
            return credential, cardholder
    raise unknown("凭证", "credential")


def _normalised(identifiers: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """In a fixed order and distinct; every one was found valid before."""
    normal = {normal for identifier in identifiers if (normal := normal_identifier(identifier)) is not None}
    return tuple(sorted(normal))
