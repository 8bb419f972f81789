"""Cardholders and organisations."""

from dataclasses import dataclass
from functools import lru_cache

from menshen_identity.domain.words import (
    MAX_GROUPS,
    MAX_SITES,
    Fault,
    code_fault,
    is_cardholder_id,
    line_fault,
    present,
    site_fault,
)

MAX_NAME = 100
MAX_REFERENCE = 200
MASK = "*"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A unit in the tree of a site; `parent_id` is empty at the root."""

    organisation_id: str
    parent_id: str
    name_zh: str
    name_en: str
    external_ref: str


@dataclass(frozen=True, slots=True)
class Cardholder:
    """A person as the office knows them. `sites` always holds the home `site`; both are kept sorted and distinct."""

    cardholder_id: str
    site: str
    sites: tuple[str, ...]
    category: str
    groups: tuple[str, ...]
    name: str
    organisation_id: str
    photo_ref: str
    external_ref: str
    version: int = 0


def masked(name: str) -> str:
    """The first letter and a mask that does not tell the length: 张*, Z***."""
    if not name:
        return ""
    return name[0] + (MASK * 3 if name[0].isascii() else MASK)


def is_masked(name: str) -> bool:
    return MASK in name


def cardholder_faults(cardholder: Cardholder, known_sites: frozenset[str]) -> tuple[Fault, ...]:
    """Every field that is wrong. The id may be empty: the service then makes one."""
    return present(
        (
            _id_fault(cardholder.cardholder_id),
            *(site_fault("sites", site, known_sites) for site in cardholder.sites[:MAX_SITES]),
            _count_fault("sites", len(cardholder.sites), MAX_SITES),
            code_fault("category", cardholder.category),
            *(code_fault("groups", group) for group in cardholder.groups[:MAX_GROUPS]),
            _count_fault("groups", len(cardholder.groups), MAX_GROUPS),
            name_fault("name", cardholder.name),
            line_fault("photo_ref", cardholder.photo_ref, MAX_REFERENCE),
            line_fault("external_ref", cardholder.external_ref, MAX_REFERENCE),
        )
    )


def name_fault(field: str, name: str) -> Fault | None:
    if is_masked(name):
        return Fault(field, "完整姓名(留空则保留原值)", "the full name; empty keeps the stored one")
    return line_fault(field, name, MAX_NAME)


def organisation_faults(organisation: Organisation) -> tuple[Fault, ...]:
    named = organisation.name_zh.strip() or organisation.name_en.strip()
    return present(
        (
            None if named else Fault("name_zh", "中文或英文名称", "a Chinese or an English name"),
            line_fault("name_zh", organisation.name_zh, MAX_REFERENCE),
            line_fault("name_en", organisation.name_en, MAX_REFERENCE),
            line_fault("external_ref", organisation.external_ref, MAX_REFERENCE),
        )
    )


@lru_cache(maxsize=4096)
def with_home(site: str, sites: tuple[str, ...]) -> tuple[str, ...]:
    """The sites that know a cardholder of home `site`: sorted, distinct, the home among them."""
    return tuple(sorted({site, *sites}))


def _id_fault(cardholder_id: str) -> Fault | None:
    if not cardholder_id or is_cardholder_id(cardholder_id):
        return None
    return Fault("cardholder_id", "c: 加小写 UUID,或留空", "`c:` and a lower-case UUID, or empty")


def _count_fault(field: str, count: int, most: int) -> Fault | None:
    return None if count <= most else Fault(field, f"最多 {most} 个", f"at most {most}")
