"""Checking the chain of commitments against the bytes and salts that still exist."""

from dataclasses import dataclass

from menshen_access.domain.history import Link, commit_to, link_hash


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link as stored, with the bytes and salts that still exist."""

    link: Link
    stored: tuple[bytes | None, bytes | None, bytes | None]
    salts: tuple[bytes | None, bytes | None, bytes | None]


def fault_of(link: StoredLink, expected_sequence: int, expected_previous: bytes | None) -> str:
    """What is wrong with a link, empty when nothing. Deleted bytes are no fault; altered or half-deleted ones are."""
    found = link.link
    if found.sequence != expected_sequence:
        return f"sequence {expected_sequence} is missing"
    if expected_previous is not None and found.previous != expected_previous:
        return "the link does not follow its predecessor"
    wanted = link_hash(
        found.previous, found.site, found.epoch, found.sequence, found.event_id, found.kind, found.commitments
    )
    if wanted != found.hash:
        return "the link was altered"
    promised = (found.commitments.core, found.commitments.identity, found.commitments.health)
    for title, promise, stored, salt in zip(
        ("core", "identity", "health"), promised, link.stored, link.salts, strict=True
    ):
        if stored is not None and commit_to(salt, stored) != promise:
            return f"the {title} bytes were altered"
    return ""
