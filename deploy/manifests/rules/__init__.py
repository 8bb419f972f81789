"""The rules: each takes an environment and yields what it finds wrong."""

from collections.abc import Callable, Iterable

from manifests.rendered import Finding, Manifests
from manifests.rules import confinement, lifetimes, network, references, secrets, selectors, settings

Rule = Callable[[Manifests], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    selectors.workloads_find_their_pods,
    selectors.services_find_one_service,
    selectors.disruption_leaves_someone,
    selectors.every_service_is_there,
    references.what_is_mounted_exists,
    references.what_is_referred_to_exists,
    settings.variables_are_read,
    settings.addresses_are_the_ports,
    settings.targets_lead_to_their_service,
    settings.files_are_mounted,
    settings.secrets_are_read_where_they_are_mounted,
    settings.stores_are_named_without_passwords,
    settings.agents_are_configured,
    settings.sites_agree,
    secrets.secrets_are_only_files,
    secrets.secrets_are_in_the_inventory,
    secrets.certificates_are_not_shared,
    confinement.images_are_pinned,
    confinement.resources_are_set,
    confinement.nobody_is_root,
    confinement.no_token_is_mounted,
    lifetimes.probes_ask_the_health_port,
    lifetimes.stopping_has_time,
    lifetimes.processes_run_what_their_labels_say,
    lifetimes.migrations_end,
    lifetimes.metrics_are_announced,
    network.peers_are_exactly_those_named,
    network.stores_are_reached_by_those_who_use_them,
    network.metrics_are_within_reach,
    network.nobody_is_open_to_the_world,
)
