"""NetworkPolicies: between rooms exactly the calls that settings name, to stores only those who use them."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from manifests.rendered import Document, Finding, Manifests, Workload, matches
from manifests.rules.settings import targets_of, values_of

PORTS = ("grpc", "health", "metrics")
STORES = {"database_url": 5432, "redis_url": 6379}
WIDEST_PREFIX = 16


def peers_are_exactly_those_named(manifests: Manifests) -> Iterator[Finding]:
    for caller in manifests.workloads:
        for peer in manifests.serving:
            for name in PORTS:
                wanted = name == "grpc" and _calls(manifests, caller, peer)
                yield from _compare(manifests, caller, peer, name, wanted=wanted)


def _calls(manifests: Manifests, caller: Workload, peer: Workload) -> bool:
    values = values_of(manifests, caller)
    return values is not None and not caller.is_migration and peer.service in targets_of(values)


def _compare(manifests: Manifests, caller: Workload, peer: Workload, name: str, *, wanted: bool) -> Iterator[Finding]:
    port = peer.port(name)
    if port is None:
        return
    admitted = any(_opens(rule, "from", caller, port, peer) for rule in _rules(manifests, peer, "Ingress"))
    let_out = any(_opens(rule, "to", peer, port, peer) for rule in _rules(manifests, caller, "Egress"))
    reason = "a setting names it" if wanted else "no setting names it"
    if admitted is not wanted:
        verb = "is admitted" if admitted else "is not admitted"
        yield manifests.finding(peer, f"{caller.title} {verb} to port {name}, though {reason}")
    if let_out is not wanted:
        verb = "may go out" if let_out else "may not go out"
        yield manifests.finding(caller, f"{verb} to port {name} of {peer.title}, though {reason}")


def stores_are_reached_by_those_who_use_them(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.workloads:
        values = values_of(manifests, workload)
        rules = tuple(_rules(manifests, workload, "Egress"))
        for setting, usual_port in STORES.items():
            url = getattr(values, setting, "")
            port = urlsplit(url).port or usual_port
            # A migration opens no Redis, whatever settings it shares with its service.
            wanted = bool(url) and not (workload.is_migration and setting == "redis_url")
            if any(_opens_outwards(rule, port) for rule in rules) is not wanted:
                verb = "may not reach" if wanted else "may reach"
                yield manifests.finding(workload, f"{verb} port {port} outside ({setting})")
        if not any(_has_port(rule, 53, None) for rule in rules):
            yield manifests.finding(workload, "may not ask for names (port 53)")


def nobody_is_open_to_the_world(manifests: Manifests) -> Iterator[Finding]:
    """Both directions are closed by default; who comes in is named, by pods, a namespace or a narrow network."""
    for workload in manifests.workloads:
        for direction in ("Ingress", "Egress"):
            if not any(direction in policy["spec"].get("policyTypes", ()) for policy in _policies(manifests, workload)):
                yield manifests.finding(workload, f"no NetworkPolicy closes its {direction.lower()}")
    for policy in manifests.of_kind("NetworkPolicy"):
        for rule in policy["spec"].get("ingress") or ():
            if not rule.get("ports"):
                yield manifests.finding(policy, "lets in on every port")
            if not rule.get("from") or not all(_is_narrow(peer) for peer in rule["from"]):
                yield manifests.finding(policy, "lets the world in")
        for rule in policy["spec"].get("egress") or ():
            if not rule.get("ports"):
                yield manifests.finding(policy, "lets out on every port")


def _is_narrow(peer: Document) -> bool:
    if "ipBlock" in peer:
        return ip_network(peer["ipBlock"]["cidr"]).prefixlen >= WIDEST_PREFIX
    return any(peer.get(key) for key in ("podSelector", "namespaceSelector"))


def _policies(manifests: Manifests, workload: Workload) -> Iterator[Document]:
    for policy in manifests.of_kind("NetworkPolicy"):
        if matches(policy["spec"]["podSelector"], workload.labels):
            yield policy


def _rules(manifests: Manifests, workload: Workload, direction: str) -> Iterator[Document]:
    for policy in _policies(manifests, workload):
        if direction in policy["spec"].get("policyTypes", ()):
            yield from policy["spec"].get(direction.lower()) or ()


def _opens(rule: Document, side: str, other: Workload, port: int, owner: Workload) -> bool:
    """Whether a rule opens `port` of `owner` between it and the pods of `other` in the same namespace."""
    peers: Iterable[Any] = rule.get(side) or ({"podSelector": {}},)
    picked = any(
        "podSelector" in peer and "namespaceSelector" not in peer and matches(peer["podSelector"], other.labels)
        for peer in peers
    )
    return picked and _has_port(rule, port, owner)


def _opens_outwards(rule: Document, port: int) -> bool:
    peers = rule.get("to")
    return (not peers or any("ipBlock" in peer for peer in peers)) and _has_port(rule, port, None)


def _has_port(rule: Document, port: int, owner: Workload | None) -> bool:
    """A rule without ports means every port; a named one is looked up in the pods that own it."""
    if not rule.get("ports"):
        return True
    named = [item["port"] for item in rule["ports"] if "port" in item]
    return any((owner.port(item) if owner and isinstance(item, str) else item) == port for item in named)
