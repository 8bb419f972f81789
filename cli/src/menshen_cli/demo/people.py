"""Sixty thousand invented cardholders, the same for the same seed, and their CSV for ImportCardholders.

population = people_of(60_000)
for chunk in cardholder_chunks(population, "north"): ...
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .names import ENGLISH_GIVEN, ENGLISH_SURNAMES, GIVEN, SURNAMES
from .plans import LABORATORY_GROUP, RESIDENTS_GROUP
from .university import CAMPUSES, SITES

SEED = 20_260_302
PEOPLE = 60_000
CHUNK_BYTES = 256 * 1024
_FIRST_CARD, _LAST_CARD = 0x10000000, 0xFFFFFFFF
_ENGLISH_SHARE, _SECOND_SITE_SHARE, _RESIDENT_SHARE, _LABORATORY_SHARE = 0.12, 0.1, 0.4, 0.05
_CATEGORIES = (("student", 70), ("staff", 21), ("contractor", 5), ("family", 4))
_COLUMNS = ("external_ref", "cardholder_id", "category", "name", "sites", "groups", "photo_ref", "card", "facts")


class Person(NamedTuple):
    """A cardholder with one card. `card` is the 32-bit number on it; `facts` are written `type=value;...`."""

    cardholder_id: str
    site: str
    sites: tuple[str, ...]
    category: str
    groups: tuple[str, ...]
    name: str
    card: int
    external_ref: str
    facts: str = ""
    photo_ref: str = ""


def card_text(card: int) -> str:
    """A card number as enrolled and as readers normalise it: eight uppercase hexadecimal digits."""
    return f"{card:08X}"


def people_of(count: int = PEOPLE, seed: int = SEED) -> list[Person]:
    """That many invented people; the same for the same arguments."""
    chance = random.Random(seed)  # noqa: S311 -- invented people, not secrets
    cards = chance.sample(range(_FIRST_CARD, _LAST_CARD + 1), count)
    homes = chance.choices(SITES, [campus.share for campus in CAMPUSES], k=count)
    categories = chance.choices([name for name, _ in _CATEGORIES], [weight for _, weight in _CATEGORIES], k=count)
    return [
        Person(
            cardholder_id=invented_id("c", chance),
            site=home,
            sites=_sites(home, chance),
            category=category,
            groups=_groups(home, category, chance),
            name=_name(chance),
            card=card,
            external_ref=f"hr-{number}",
            facts="work_proof=valid" if category == "contractor" else "",
        )
        for number, (card, home, category) in enumerate(zip(cards, homes, categories, strict=True), start=1)
    ]


def invented_id(prefix: str, chance: random.Random) -> str:
    """A subject id with a UUID of version 4 drawn from `chance`."""
    digits = f"{chance.getrandbits(128):032x}"
    return f"{prefix}:{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def known_at(people: Iterable[Person], site: str) -> int:
    """How many of them a site knows."""
    return sum(site in person.sites for person in people)


def cardholder_chunks(people: Sequence[Person], site: str) -> Iterator[bytes]:
    """The CSV of those at home at a site, in chunks that ImportCardholders takes."""
    rows = (_row(person) for person in people if person.site == site)
    return csv_chunks(_COLUMNS, rows)


def csv_chunks(columns: Sequence[str], rows: Iterable[str]) -> Iterator[bytes]:
    """A heading and rows as CSV in chunks of about CHUNK_BYTES."""
    lines = [",".join(columns)]
    size = 0
    for row in rows:
        lines.append(row)
        size += len(row)
        if size >= CHUNK_BYTES:
            yield ("\n".join(lines) + "\n").encode()
            lines, size = [], 0
    if lines:
        yield ("\n".join(lines) + "\n").encode()


def _row(person: Person) -> str:
    """No field holds a comma, a quotation mark or a line break: nothing is quoted."""
    sites, groups = ";".join(person.sites), ";".join(person.groups)
    return (
        f"{person.external_ref},{person.cardholder_id},{person.category},{person.name},{sites},{groups},"
        f"{person.photo_ref},{card_text(person.card)},{person.facts}"
    )


def _sites(home: str, chance: random.Random) -> tuple[str, ...]:
    if chance.random() >= _SECOND_SITE_SHARE:
        return (home,)
    return (home, chance.choice([site for site in SITES if site != home]))


def _groups(home: str, category: str, chance: random.Random) -> tuple[str, ...]:
    if home != "north":
        return ()
    if category == "student" and chance.random() < _RESIDENT_SHARE:
        return (RESIDENTS_GROUP,)
    if category == "staff" and chance.random() < _LABORATORY_SHARE:
        return (LABORATORY_GROUP,)
    return ()


def _name(chance: random.Random) -> str:
    if chance.random() < _ENGLISH_SHARE:
        return f"{chance.choice(ENGLISH_GIVEN)} {chance.choice(ENGLISH_SURNAMES)}"
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
