"""NetworkPolicies: between rooms exactly the calls that settings name, to stores only those who use them."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from menshen_servicekit.addresses import split_address
from menshen_servicekit.redis_url import REDIS_PORT, RedisKind, parse_redis_url

from manifests.parts import read_by
from manifests.rendered import Document, Finding, Manifests, Workload, matches
from manifests.rules.settings import LISTENERS, targets_of, values_of

STORES = ("database_url", "redis_url")
WIDEST_PREFIX = 16


def peers_are_exactly_those_named(manifests: Manifests) -> Iterator[Finding]:
    for caller in manifests.workloads:
        for peer in manifests.running:
            for listener, name in LISTENERS.items():
                port = peer.port(name) or _port_set(manifests, peer, listener)
                wanted = name == "grpc" and _calls(manifests, caller, peer)
                if port is not None:
                    yield from _compare(manifests, caller, peer, (name, port), wanted=wanted)


def _calls(manifests: Manifests, caller: Workload, peer: Workload) -> bool:
    values = values_of(manifests, caller)
    return values is not None and not peer.is_keeper and peer.service in targets_of(read_by(caller, values))


def _port_set(manifests: Manifests, workload: Workload, listener: str) -> int | None:
    """The port a setting names: the one to keep shut where a process has no such port."""
    values = values_of(manifests, workload)
    return None if values is None else split_address(getattr(values, listener))[1]


def _compare(
    manifests: Manifests, caller: Workload, peer: Workload, place: tuple[str, int], *, wanted: bool
) -> Iterator[Finding]:
    name, port = place
    admitted = any(_opens(rule, "from", caller, port, peer) for rule in _rules(manifests, peer, "Ingress"))
    let_out = any(_opens(rule, "to", peer, port, peer) for rule in _rules(manifests, caller, "Egress"))
    reason = "a setting it reads names it" if wanted else "no setting it reads names it"
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
        for setting in STORES:
            wanted = values is not None and bool(read_by(workload, values).get(setting))
            for port in _ports_of(setting, getattr(values, setting, "")):
                if any(_opens_outwards(rule, port) for rule in rules) is not wanted:
                    verb = "may not reach" if wanted else "may reach"
                    yield manifests.finding(workload, f"{verb} port {port} outside ({setting})")
        if not any(_has_port(rule, 53, None) for rule in rules):
            yield manifests.finding(workload, "may not ask for names (port 53)")


def _ports_of(setting: str, url: str) -> tuple[int, ...]:
    """The ports a store is reached at; sentinels name a primary whose port no setting holds: the usual one."""
    if setting == "database_url":
        return (urlsplit(url).port or 5432,)
    if not url:
        return (REDIS_PORT,)
    redis = parse_redis_url(url)
    usual = {REDIS_PORT} if redis.kind is RedisKind.SENTINEL else set[int]()
    return tuple(sorted({port for _, port in redis.hosts} | usual))


def metrics_are_within_reach(manifests: Manifests) -> Iterator[Finding]:
    """Some namespace may fetch the metrics of every process."""
    for workload in manifests.running:
        port = workload.port("metrics")
        rules = _rules(manifests, workload, "Ingress")
        if port is None or not any(_opens_to_a_namespace(rule, port, workload) for rule in rules):
            yield manifests.finding(workload, "lets no namespace fetch its metrics")


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


def _opens_to_a_namespace(rule: Document, port: int, owner: Workload) -> bool:
    return any(peer.get("namespaceSelector") for peer in rule.get("from") or ()) and _has_port(rule, port, owner)


def _has_port(rule: Document, port: int, owner: Workload | None) -> bool:
    """A rule without ports means every port; a named one is looked up in the pods that own it."""
    if not rule.get("ports"):
        return True
    named = [item["port"] for item in rule["ports"] if "port" in item]
    return any((owner.port(item) if owner and isinstance(item, str) else item) == port for item in named)
