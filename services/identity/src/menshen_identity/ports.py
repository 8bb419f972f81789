"""What the use cases need of the place where people and what they hold are kept.

Two implementations: PostgreSQL, and one in memory against which random programs of changes are compared.
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from menshen_identity.domain.credentials import Credential, Identifier
from menshen_identity.domain.facts import Fact
from menshen_identity.domain.lists import ListEntry
from menshen_identity.domain.people import Cardholder, Organisation
from menshen_identity.domain.sources import FactSource
from menshen_identity.domain.visits import Visit


class Change(Protocol):
    """One transaction. What it touches is published when its context ends without an exception, else nothing is kept.

    A cardholder must be locked before anything they hold is read for a change, and touched when something changed:
    their version then grows by one and every site that knows them is told.
    """

    async def lock(self, *cardholder_ids: str) -> dict[str, Cardholder]:
        """The cardholders that exist, held against other changes until this one ends. Call it once a change."""

    async def put_cardholder(self, cardholder: Cardholder) -> None:
        """Insert or overwrite all but the version. DomainError EXISTS for an external_ref that is taken."""

    def touch(self, cardholder: Cardholder, *, is_urgent: bool = False) -> None:
        """Tell the sites of `cardholder`, and those it left; urgent changes also go on the revocation lane."""

    async def organisation(self, organisation_id: str) -> tuple[str, Organisation] | None:
        """Its site and itself."""

    async def put_organisation(self, site: str, organisation: Organisation) -> None:
        """Insert or overwrite. DomainError EXISTS for an external_ref that is taken."""

    async def credential(self, credential_id: str) -> Credential | None: ...

    async def held(self, cardholder_id: str) -> tuple[Credential, ...]:
        """Every credential of a cardholder, by id."""

    async def holders(self, *identifiers: Identifier) -> tuple[Credential, ...]:
        """The credentials, live or not, that have one of these identifiers and were not superseded there."""

    async def put_credential(self, credential: Credential) -> None:
        """Insert or overwrite. DomainError EXISTS when another live credential has one of its identifiers."""

    async def supersede(self, credential_id: str, *identifiers: Identifier) -> None:
        """Another credential has taken these identifiers over from one that is no longer live."""

    async def forget_codes(self, cardholder_id: str, before_ms: int) -> None:
        """Delete a cardholder's codes whose window ended before an instant."""

    async def put_pins(self, cardholder_id: str, verifier: bytes, duress_verifier: bytes) -> None:
        """Set both verifiers; empty for none."""

    async def fact(self, cardholder_id: str, fact_type: str) -> Fact | None: ...

    async def put_fact(self, cardholder_id: str, fact: Fact) -> None: ...

    async def entry(self, entry_id: str) -> ListEntry | None: ...

    async def put_entry(self, entry: ListEntry) -> None: ...

    async def visit(self, visit_id: str) -> Visit | None: ...

    async def put_visit(self, visit: Visit) -> None:
        """Insert or overwrite. DomainError EXISTS for an external_ref that is taken."""

    async def note(self, action: str, site: str, target_id: str, reason: str = "") -> None:
        """Write who did what to whom into the audit; never a value of personal data."""


class Sources(Protocol):
    """How far each source of facts has reported. One implementation: PostgreSQL."""

    async def hear(self, site: str, said: FactSource) -> FactSource:
        """Keep the later of what was said and what is kept, and wake whoever follows."""

    async def of(self, site: str) -> tuple[FactSource, ...]:
        """Every source that ever reported to the site, by name."""


class Registry(Protocol):
    """Opens changes and answers look-ups, each as of one moment."""

    def change(self, actor: str) -> AbstractAsyncContextManager[Change]:
        """A transaction in the name of `actor`."""

    async def cardholder(self, site: str, cardholder_id: str) -> Cardholder | None:
        """None when that site does not know them."""

    async def credentials(self, cardholder_id: str) -> tuple[Credential, ...]: ...

    async def facts(self, cardholder_id: str) -> tuple[Fact, ...]: ...

    async def entries(self, cardholder_id: str, now_ms: int) -> tuple[ListEntry, ...]:
        """Those in force at `now_ms` or to come."""

    async def cardholders(self, site: str, category: str, after_id: str, limit: int) -> tuple[Cardholder, ...]:
        """The next `limit` after an id, of those the site knows; "" for any category, or from the start."""

    async def holder_of(self, site: str, identifier: Identifier) -> Credential | None:
        """The live credential of this identifier, else the latest that had it, if the site knows its holder."""

    async def organisations(self, site: str) -> tuple[Organisation, ...]: ...

    async def visits(self, site: str, from_ms: int, to_ms: int, limit: int) -> tuple[Visit, ...]:
        """Windows that end after `from_ms` and begin before `to_ms` (0 for no bound), by window."""
