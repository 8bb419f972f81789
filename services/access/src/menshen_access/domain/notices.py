"""Public notices of policies that took force. Instants are epoch milliseconds UTC."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from menshen_access.domain.administration import PolicyChange
from menshen_access.domain.policy_life import StoredPolicy

LATE_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Notice:
    """What the public is told: `effective_ms` is when the policy took force; `late` when that was over LATE_MS before
    `put_at_ms`. `position` is 0 until it is put.
    """

    position: int
    policy_id: str
    policy_version: int
    effective_ms: int
    put_at_ms: int
    late: bool
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """A policy that took force, with its notice if it carries one."""

    change: PolicyChange
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class NoticesEnd:
    """The last position of a site, and the one up to which everything is acknowledged."""

    epoch: int
    last: int
    acknowledged: int


Announce = Callable[[bytes, list[StoredPolicy]], Iterable[Announcement]]
"""Chooses, of the stored plan and the policies SCHEDULED in it, those that took force."""
