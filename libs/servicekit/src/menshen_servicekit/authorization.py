"""Who may call what, for which site. Everything not in the table is refused."""

import enum
import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from menshen_servicekit.identity import Caller, Role, is_site
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble
from menshen_servicekit.unreadable import UNREADABLE

ANY_SITE = "any"
"""Stands for the site of a message type that has none."""


class SiteRule(enum.Enum):
    """OWN: the request's `site` must be the caller's. ANY: the method has no site, or any site may be named.

    OWN binds only callers that have a site. A service, or an operator of the whole installation, has none.
    """

    OWN = "own"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Allow:
    """One permission: callers of `role`, of that `name` or of any, under a site rule."""

    role: Role
    name: str | None = None
    site: SiteRule = SiteRule.OWN

    def matches(self, caller: Caller) -> bool:
        return self.role is caller.role and self.name in {None, caller.name}


@dataclass(frozen=True, slots=True)
class Permit:
    """What one caller got for one method. `site` is the only site its messages may name, None when unbound."""

    caller: Caller
    site: str | None

    def check(self, message: Any) -> None:
        """Refuse a request whose `site` is not the permitted one, or is none where any may be named.

        A message type without a `site` field has nothing to compare and is left to its servicer (`require_site`).
        """
        if message is UNREADABLE:
            raise unreadable()
        if self.site is not None:
            if getattr(message, "site", self.site) != self.site:
                raise foreign_site()
        elif not is_site(getattr(message, "site", ANY_SITE)):
            raise site_missing()


class AuthorizationTable:
    """Full method name (`/menshen.access.v1.AccessService/Decide`) to those who may call it."""

    def __init__(self, allows: Mapping[str, Collection[Allow]]) -> None:
        self._allows = {method: tuple(rows) for method, rows in allows.items()}
        self.permit = functools.lru_cache(maxsize=8192)(self._permit)

    @property
    def methods(self) -> frozenset[str]:
        return frozenset(self._allows)

    def allows(self, method: str) -> tuple[Allow, ...]:
        return self._allows.get(method, ())

    def unknown_methods(self, served: Iterable[str]) -> tuple[str, ...]:
        """Rows that no served method has: a misspelt row would refuse everyone."""
        return tuple(sorted(self.methods - frozenset(served)))

    def _permit(self, method: str, caller: Caller) -> Permit | None:
        """The widest permission of this caller, or None."""
        rules = {allow.site for allow in self.allows(method) if allow.matches(caller)}
        if not rules:
            return None
        return Permit(caller, None if SiteRule.ANY in rules else caller.site)


def require_site(caller: Caller, site: str) -> None:
    """For a site that lies deeper in a message than its `site` field: DomainError FORBIDDEN when it is foreign."""
    if caller.site is not None and caller.site != site:
        raise foreign_site()


def foreign_site() -> DomainError:
    return DomainError(Trouble.FORBIDDEN, "FOREIGN_SITE", "证书不属于该校区", "the certificate belongs to another site")


def site_missing() -> DomainError:
    field = FieldTrouble("site", "应为校区标识", "expected the id of a site")
    return DomainError(Trouble.INVALID, "SITE_INVALID", "请求须指明校区", "the request must name its site", [field])


def unreadable() -> DomainError:
    return DomainError(
        Trouble.INVALID, "UNREADABLE", "请求内容不是该方法的消息", "the request's bytes are no message of this method"
    )


def not_allowed() -> DomainError:
    return DomainError(
        Trouble.FORBIDDEN, "NOT_ALLOWED", "该身份无权调用此方法", "this identity may not call this method"
    )


def not_identified() -> DomainError:
    return DomainError(
        Trouble.UNAUTHENTICATED, "NOT_IDENTIFIED", "证书中没有有效身份", "the certificate carries no valid identity"
    )
