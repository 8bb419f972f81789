"""Whether an agent's certificate is the one its configuration speaks of."""

from collections.abc import Sequence
from dataclasses import dataclass

from menshen_servicekit.identity import Role, parse_spiffe, spiffe_uri


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What is wrong, as a sentence in both languages."""

    zh: str
    en: str


def mismatch_of(uris: Sequence[str], site: str, agent: str) -> Mismatch | None:
    """What keeps a certificate with these URIs from being that of the agent; None when nothing does."""
    if len(uris) != 1:
        return Mismatch(
            f"证书须恰有一个 URI，实有 {len(uris)} 个", f"the certificate must name one URI, and names {len(uris)}"
        )
    try:
        caller = parse_spiffe(uris[0])
        wanted = spiffe_uri(Role.AGENT, agent, site)
    except ValueError:
        return Mismatch(
            "证书的 URI 或配置的 site、agent 不是有效身份",
            "the certificate's URI, or site and agent of the configuration, make no identity",
        )
    if caller.uri == wanted:
        return None
    if caller.role is not Role.AGENT or caller.site is None:
        return Mismatch(
            f"证书属于 {caller.uri}，不是设备代理的证书",
            f"the certificate is of {caller.uri}, which is no device agent",
        )
    name, place = caller.name, caller.site
    return Mismatch(
        f"配置为校区 {site} 的代理 {agent}，证书属于校区 {place} 的代理 {name}",
        f"the configuration is of agent {agent} at site {site}, the certificate of agent {name} at {place}",
    )
