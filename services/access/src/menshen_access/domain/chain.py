"""Checking the chain of commitments against the bytes and salts that still exist."""

from dataclasses import dataclass
from typing import Final

from menshen_access.domain.history import SALT_BYTES, Link, commit_to, link_hash

CLASSES: Final = ("core", "identity", "health")


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link as stored, with the bytes and salts that still exist, in the order of CLASSES."""

    link: Link
    stored: tuple[bytes | None, bytes | None, bytes | None]
    salts: tuple[bytes | None, bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class LinkFault:
    """What is wrong with a link, in the two languages of the house."""

    en: str
    zh: str


def promises_of(link: Link) -> tuple[bytes | None, bytes | None, bytes | None]:
    """The commitments of a link in the order of CLASSES."""
    return link.commitments.core, link.commitments.identity, link.commitments.health


def fault_of(link: StoredLink, expected_sequence: int, expected_previous: bytes | None) -> LinkFault | None:
    """What is wrong with a link. Deleted bytes are no fault; altered or half-deleted ones are."""
    found = link.link
    if found.sequence != expected_sequence:
        return LinkFault(f"sequence {expected_sequence} is missing", f"缺少序号 {expected_sequence}")
    if expected_previous is not None and found.previous != expected_previous:
        return LinkFault("the link does not follow its predecessor", "该链节与前一链节不相接")
    wanted = link_hash(
        found.previous, found.site, found.epoch, found.sequence, found.event_id, found.kind, found.commitments
    )
    if wanted != found.hash:
        return LinkFault("the link was altered", "该链节被改动")
    for title, promise, stored, salt in zip(CLASSES, promises_of(found), link.stored, link.salts, strict=True):
        if (stored is None) != (salt is None):
            return LinkFault(f"the {title} bytes were half deleted", f"{title} 类内容只删除了一半")
        if salt is not None and len(salt) != SALT_BYTES:
            return LinkFault(
                f"the {title} salt is not {SALT_BYTES} bytes long", f"{title} 类的盐不是 {SALT_BYTES} 字节"
            )
        if stored is not None and commit_to(salt, stored) != promise:
            return LinkFault(f"the {title} bytes were altered", f"{title} 类内容被改动")
    return None
