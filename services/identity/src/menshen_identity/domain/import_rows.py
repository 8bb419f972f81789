"""The columns of a cardholder file and what a row must hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache

from menshen_identity.domain.credentials import CredentialState, normal_card
from menshen_identity.domain.facts import Fact, fact_faults
from menshen_identity.domain.instants import EXPECTED_EN, EXPECTED_ZH, instant_ms
from menshen_identity.domain.people import Cardholder, cardholder_faults, with_home
from menshen_identity.domain.words import Fault, window_fault

REQUIRED = ("external_ref", "category", "name")
OPTIONAL = (
    "cardholder_id", "site", "sites", "groups", "organisation", "photo_ref",
    "card", "card_state", "valid_from", "valid_to", "facts",
)  # fmt: skip
FACT_SOURCE = "import"
SEPARATOR = ";"

_STATES = {state.name: state for state in CredentialState if state is not CredentialState.UNSPECIFIED}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One valid row. `cardholder.organisation_id` holds what the file says: an organisation's id or external_ref."""

    cardholder: Cardholder
    card: str
    card_state: CredentialState
    valid_from_ms: int
    valid_to_ms: int
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class RowRules:
    """What a file is read against. `bound_site` is the only site its sender may write to, None for any."""

    site: str
    bound_site: str | None
    known_sites: frozenset[str]
    zone: tzinfo
    now_ms: int

    def read(self, values: Mapping[str, str]) -> ImportRow | tuple[Fault, ...]:
        """The row, or everything that is wrong with it."""
        cardholder = self._cardholder(values)
        card, card_state, card_faults = _card(values)
        valid_from_ms, valid_to_ms, time_faults = self._window(values)
        facts, facts_faults = self._facts(values.get("facts", ""))
        faults = (
            *self._site_faults(cardholder),
            *cardholder_faults(cardholder, self.known_sites),
            *_required_faults(values),
            *card_faults,
            *time_faults,
            *facts_faults,
        )
        if faults:
            return faults
        return ImportRow(cardholder, card, card_state, valid_from_ms, valid_to_ms, facts)

    def _cardholder(self, values: Mapping[str, str]) -> Cardholder:
        site = values.get("site", "") or self.site
        return Cardholder(
            cardholder_id=values.get("cardholder_id", ""),
            site=site,
            sites=with_home(site, _parts(values.get("sites", ""))),
            category=values["category"],
            groups=tuple(sorted(set(_parts(values.get("groups", ""))))) if values.get("groups") else (),
            name=values["name"],
            organisation_id=values.get("organisation", ""),
            photo_ref=values.get("photo_ref", ""),
            external_ref=values["external_ref"],
        )

    def _site_faults(self, cardholder: Cardholder) -> tuple[Fault, ...]:
        if self.bound_site is None or cardholder.site == self.bound_site:
            return ()
        return (Fault("site", f"校区 {self.bound_site}", f"the site {self.bound_site}"),)

    def _window(self, values: Mapping[str, str]) -> tuple[int, int, tuple[Fault, ...]]:
        if not values.get("valid_from") and not values.get("valid_to"):
            return 0, 0, ()
        valid_from_ms = instant_ms(values.get("valid_from", ""), self.zone)
        valid_to_ms = instant_ms(values.get("valid_to", ""), self.zone, is_end=True)
        faults = tuple(
            Fault(field, EXPECTED_ZH, EXPECTED_EN)
            for field, value in (("valid_from", valid_from_ms), ("valid_to", valid_to_ms))
            if value is None
        )
        if valid_from_ms is None or valid_to_ms is None:
            return 0, 0, faults
        fault = window_fault("valid_to", valid_from_ms, valid_to_ms)
        return valid_from_ms, valid_to_ms, (fault,) if fault else ()

    def _facts(self, text: str) -> tuple[tuple[Fact, ...], tuple[Fault, ...]]:
        if not text:
            return (), ()
        facts: dict[str, Fact] = {}
        for part in _parts(text):
            name, equals, value = part.partition("=")
            fact = Fact(name.strip(), value.strip(), FACT_SOURCE, 0, 0, self.now_ms)
            if not equals or fact.type in facts or fact_faults(fact, self.now_ms):
                return (), (
                    Fault(
                        "facts", "类型=值,以分号分隔,类型不重复", "type=value, separated by semicolons, each type once"
                    ),
                )
            facts[fact.type] = fact
        return tuple(facts.values()), ()


def _card(values: Mapping[str, str]) -> tuple[str, CredentialState, tuple[Fault, ...]]:
    number, word = values.get("card", ""), values.get("card_state", "")
    state = _STATES.get(word.upper(), CredentialState.UNSPECIFIED) if word else CredentialState.ACTIVE
    faults: list[Fault] = []
    card = normal_card(number) if number else ""
    if card is None:
        faults.append(Fault("card", "2 至 32 位十六进制卡号", "a card number of 2 to 32 hexadecimal digits"))
    if state is CredentialState.UNSPECIFIED:
        faults.append(Fault("card_state", "、".join(_STATES), "one of " + ", ".join(_STATES)))
    if word and not number:
        faults.append(Fault("card", "有卡状态须有卡号", "a card number beside the state"))
    return card or "", state, tuple(faults)


def _required_faults(values: Mapping[str, str]) -> tuple[Fault, ...]:
    return tuple(Fault(field, "不得为空", "not empty") for field in ("external_ref", "name") if not values[field])


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(SEPARATOR) if part.strip()) if text else ()
