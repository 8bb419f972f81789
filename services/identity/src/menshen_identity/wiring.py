"""The use cases of a process, wired around its registry."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from menshen_servicekit.clock import Clock
from menshen_servicekit.verifiers import VerifierCost

from menshen_identity.code_issuing import CodeIssuing
from menshen_identity.issuing import Issuing
from menshen_identity.listing import Listing
from menshen_identity.looking_up import LookingUp
from menshen_identity.pin_setting import PinSetting
from menshen_identity.ports import Registry, Sources
from menshen_identity.registering import Registering
from menshen_identity.reporting import Reporting, SourceReporting
from menshen_identity.retiring import Retiring
from menshen_identity.rpc.servicer import UseCases
from menshen_identity.settings import IdentitySettings, pepper_of
from menshen_identity.visiting import Visiting


def use_cases(
    settings: IdentitySettings, registry: Registry, sources: Sources, clock: Clock, new_id: Callable[[], str]
) -> UseCases:
    """What the servicer calls."""
    sites, zone = frozenset(settings.sites), ZoneInfo(settings.time_zone)
    cost = VerifierCost(settings.pin_cost_log2_n, settings.pin_cost_r, settings.pin_cost_p)
    return UseCases(
        registering=Registering(registry, sites, new_id),
        issuing=Issuing(registry, clock, new_id, zone),
        codes=CodeIssuing(registry, clock, new_id),
        retiring=Retiring(registry, clock),
        pins=PinSetting(registry, pepper_of(settings), cost),
        reporting=Reporting(registry, clock),
        sources=SourceReporting(sources, clock),
        listing=Listing(registry, clock, sites, new_id),
        visiting=Visiting(registry, clock, sites, new_id),
        looking_up=LookingUp(registry, clock),
    )
