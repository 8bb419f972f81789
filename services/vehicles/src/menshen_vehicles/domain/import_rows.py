"""The columns of a vehicle file and what a row must hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache

from menshen_vehicles.domain.instants import EXPECTED_EN, EXPECTED_ZH, instant_ms
from menshen_vehicles.domain.plates import normal_plate
from menshen_vehicles.domain.tags import epc_fault, normal_epc, normal_tid, tid_fault
from menshen_vehicles.domain.vehicles import MOTOR, Vehicle, VehicleClass, vehicle_faults, with_home
from menshen_vehicles.domain.words import Fault, present, window_fault

REQUIRED = ("external_ref", "class")
OPTIONAL = (
    "vehicle_id", "site", "sites", "plate", "owner_id", "owner_category", "epc", "tid", "permit_from", "permit_to",
)  # fmt: skip
SEPARATOR = ";"

_CLASSES = {member.name: member for member in VehicleClass if member}
_COLUMNS = {"vehicle_class": "class"}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One valid row. `has_permit` when a begin or an end of a permit is given; `epc` is empty without a tag."""

    vehicle: Vehicle
    epc: str
    tid: str
    has_permit: bool
    permit_from_ms: int
    permit_to_ms: int


@dataclass(frozen=True, slots=True)
class RowRules:
    """What a file is read against. `bound_site` is the only site its sender may write to, None for any."""

    site: str
    bound_site: str | None
    known_sites: frozenset[str]
    zone: tzinfo

    def read(self, values: Mapping[str, str]) -> ImportRow | tuple[Fault, ...]:
        """The row, or everything that is wrong with it."""
        vehicle = self._vehicle(values)
        epc, tid = values.get("epc", ""), values.get("tid", "")
        permit_from_ms, permit_to_ms, time_faults = self._window(values)
        faults = (
            *self._site_faults(vehicle),
            *(
                Fault(_COLUMNS.get(fault.field, fault.field), fault.expected_zh, fault.expected_en)
                for fault in vehicle_faults(vehicle, self.known_sites)
            ),
            *_tag_faults(epc, tid),
            *time_faults,
            *(() if vehicle.external_ref else (Fault("external_ref", "不得为空", "not empty"),)),
        )
        if faults:
            return faults
        has_permit = bool(values.get("permit_from") or values.get("permit_to"))
        return ImportRow(
            vehicle, normal_epc(epc) or "", normal_tid(tid) or "", has_permit, permit_from_ms, permit_to_ms
        )

    def _vehicle(self, values: Mapping[str, str]) -> Vehicle:
        site = values.get("site", "") or self.site
        vehicle_class = _CLASSES.get(values["class"].upper(), VehicleClass.UNSPECIFIED)
        plate = values.get("plate", "")
        return Vehicle(
            vehicle_id=values.get("vehicle_id", ""),
            site=site,
            sites=with_home(site, _parts(values.get("sites", ""))),
            vehicle_class=vehicle_class,
            plate=plate and (normal_plate(plate, is_motor=vehicle_class in MOTOR) or plate),
            owner_id=values.get("owner_id", ""),
            owner_category=values.get("owner_category", ""),
            external_ref=values["external_ref"],
        )

    def _site_faults(self, vehicle: Vehicle) -> tuple[Fault, ...]:
        if self.bound_site is None or vehicle.site == self.bound_site:
            return ()
        return (Fault("site", f"校区 {self.bound_site}", f"the site {self.bound_site}"),)

    def _window(self, values: Mapping[str, str]) -> tuple[int, int, tuple[Fault, ...]]:
        from_ms = instant_ms(values.get("permit_from", ""), self.zone)
        to_ms = instant_ms(values.get("permit_to", ""), self.zone, is_end=True)
        if from_ms is None or to_ms is None:
            wrong = (field for field, at_ms in (("permit_from", from_ms), ("permit_to", to_ms)) if at_ms is None)
            return 0, 0, tuple(Fault(field, EXPECTED_ZH, EXPECTED_EN) for field in wrong)
        return from_ms, to_ms, present((window_fault("permit_to", from_ms, to_ms),))


def _tag_faults(epc: str, tid: str) -> tuple[Fault, ...]:
    if not epc and not tid:
        return ()
    return present((epc_fault("epc", epc), tid_fault("tid", tid)))


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(SEPARATOR) if part.strip()) if text else ()
