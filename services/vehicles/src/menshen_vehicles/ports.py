"""What the use cases need of the place where vehicles and all that belongs to them are kept.

Two implementations: PostgreSQL, and one in memory against which random programs of changes are compared.
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from menshen_vehicles.domain.permits import Permit
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.tags import TagBinding
from menshen_vehicles.domain.vehicles import Vehicle
from menshen_vehicles.domain.visits import Visit


class Change(Protocol):
    """One transaction. What it touches is published when its context ends without an exception, else nothing is kept.

    A vehicle must be locked before what belongs to it is read for a change, and touched when something changed: its
    version then grows by one and every site that knows it, or expects it on an open visit, is told.
    """

    async def lock(self, vehicle_id: str) -> Vehicle | None:
        """The vehicle if it exists, held against other changes until this one ends. Call it once a change."""

    async def put_vehicle(self, vehicle: Vehicle) -> None:
        """Insert or overwrite all but the version. DomainError EXISTS for a plate or external_ref that is taken.

        A plate is taken as well by one that differs from it only by O for 0 or I for 1.
        """

    def touch(self, vehicle: Vehicle, *, is_urgent: bool = False) -> None:
        """Tell the sites of `vehicle` and of its open visits, and those it left.

        Urgent changes go on the revocation lane too.
        """

    async def permit(self, permit_id: str) -> Permit | None: ...

    async def put_permit(self, permit: Permit) -> None: ...

    async def suspension(self, suspension_id: str) -> Suspension | None: ...

    async def put_suspension(self, suspension: Suspension) -> None: ...

    async def visit(self, visit_id: str) -> Visit | None: ...

    async def put_visit(self, visit: Visit) -> None:
        """Insert or overwrite the state. DomainError EXISTS for an external_ref that is taken."""

    async def open_visits(self, vehicle_id: str, site: str, now_ms: int) -> int:
        """How many visits to the site are neither withdrawn nor over."""

    async def vehicle_id_of_plate(self, plate: str) -> str | None:
        """Of whatever site; lock it before it is changed."""

    async def binding(self, binding_id: str) -> TagBinding | None: ...

    async def live_binding(self, epc: str) -> TagBinding | None: ...

    async def put_binding(self, binding: TagBinding) -> None:
        """Insert or overwrite. DomainError EXISTS when the EPC has another live binding."""

    async def note(self, action: str, site: str, target_id: str, reason: str = "") -> None:
        """Write who did what to what into the audit; never a value of personal data."""


class Registry(Protocol):
    """Opens changes and answers look-ups, each as of one moment."""

    def change(self, actor: str) -> AbstractAsyncContextManager[Change]:
        """A transaction in the name of `actor`."""

    async def vehicle(self, site: str, vehicle_id: str) -> Vehicle | None:
        """None when that site does not know it."""

    async def vehicle_of_plate(self, site: str, plate: str) -> Vehicle | None: ...

    async def vehicle_of_tag(self, site: str, epc: str) -> Vehicle | None:
        """The vehicle that bears the tag, else the last that bore it, if the site knows it."""

    async def permits(self, vehicle_id: str) -> tuple[Permit, ...]: ...

    async def bindings(self, vehicle_id: str) -> tuple[TagBinding, ...]:
        """Every one there ever was, in time order."""

    async def suspensions(self, vehicle_id: str) -> tuple[Suspension, ...]:
        """Every one there ever was, in time order."""

    async def visits(self, vehicle_id: str) -> tuple[Visit, ...]:
        """Every one there ever was, in time order, without their codes."""

    async def vehicles(self, site: str, after_id: str, limit: int) -> tuple[Vehicle, ...]:
        """The next `limit` after an id, of those the site knows; "" from the start."""
