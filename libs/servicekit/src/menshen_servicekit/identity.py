"""Who is calling: the SPIFFE URI of the verified client certificate, parsed."""

import enum
import functools
import re
from dataclasses import dataclass
from typing import Any

TRUST_DOMAIN = "menshen"

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
_PATHS = re.compile(
    rf"spiffe://{TRUST_DOMAIN}/(?:site/(?P<site>{_PART})/(?P<bound>agent|operator|guard)/(?P<bound_name>{_PART})"
    rf"|(?P<free>service|operator)/(?P<free_name>{_PART}))\Z"
)
_SITE = re.compile(rf"{_PART}\Z")


class Role(enum.Enum):
    """Kinds of caller; the value is the word in the URI."""

    SERVICE = "service"
    AGENT = "agent"
    OPERATOR = "operator"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. `site` is None for one that belongs to all sites."""

    role: Role
    name: str
    site: str | None = None

    @property
    def uri(self) -> str:
        return spiffe_uri(self.role, self.name, self.site)


def spiffe_uri(role: Role, name: str, site: str | None = None) -> str:
    """The URI of a caller; ValueError when the parts make no valid one (an agent needs a site, a service has none)."""
    place = f"site/{site}/" if site is not None else ""
    uri = f"spiffe://{TRUST_DOMAIN}/{place}{role.value}/{name}"
    parse_spiffe(uri)
    return uri


def is_site(text: str) -> bool:
    """Whether `text` can be the id of a site: what a certificate could name."""
    return _SITE.match(text) is not None


@functools.lru_cache(maxsize=4096)
def parse_spiffe(uri: str) -> Caller:
    """The caller a URI names; ValueError for any other text."""
    match = _PATHS.match(uri)
    if match is None:
        raise ValueError("not a Menshen SPIFFE URI")
    if match["bound"]:
        return Caller(Role(match["bound"]), match["bound_name"], match["site"])
    return Caller(Role(match["free"]), match["free_name"])


def caller_of(context: Any) -> Caller | None:
    """The caller of a `grpc.aio.ServicerContext`: None without a verified certificate that carries exactly one URI.

    A servicer behind `build_server` never sees None: such a call was refused before.
    """
    uris = context.auth_context().get("peer_spiffe_id")
    if not uris:
        return None
    try:
        return parse_spiffe(next(iter(uris)).decode("ascii"))
    except ValueError:
        return None
