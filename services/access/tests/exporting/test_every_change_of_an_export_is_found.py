"""Exports of small histories, changed in every way, and verified."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.domain.archive import (
    ArchiveHeader,
    ArchiveTally,
    header_line,
    link_line,
    read_link,
    trailer_line,
)
from menshen_access.domain.archive_check import ArchiveCheck, ArchiveFaultError, ArchiveFindings
from menshen_access.domain.chain import StoredLink
from menshen_access.domain.events import EventPayload
from menshen_access.domain.heads import SignedHead
from menshen_access.domain.history import Head, Numbered, entry_of, number

SITE, EPOCH, EXPORTED_AT_MS = "north", 3, 1_800_000_000_000


def history(count: int, seed: int = 1, epoch: int = EPOCH, start: Head | None = None) -> list[StoredLink]:
    """Links as the recorder makes them; every second has an identity, every third something of health."""
    chance = random.Random(seed)
    entries = [
        entry_of(
            EventPayload(
                {"event_id": f"0192f5c7-1b7e-7{n:03x}-8000-{seed:012x}", "kind": 1, "site": SITE, "agent_id": "north-1",
                 "epoch": 1, "number": n, "at_ms": 1_730_000_000_000 + n},
                {"subject_ids": [f"c:{n}"]} if n % 2 else {},
                {"heart": "weak"} if n % 3 == 0 else {},
            ),
            late=False,
        )
        for n in range(count)
    ]  # fmt: skip
    return [stored(one) for one in number(start or Head(SITE, epoch), entries, chance.randbytes)]


def stored(one: Numbered) -> StoredLink:
    entry, salts = one.entry, one.salts
    return StoredLink(one.link, (entry.core, entry.identity, entry.health), (salts.core, salts.identity, salts.health))


def exported(links: Sequence[StoredLink], *, through: int | None = None, after: int = 0) -> list[bytes]:
    """The lines of a file of these links, whose trailer fits them whatever they are."""
    end = through if through is not None else links[-1].link.sequence
    header = ArchiveHeader(SITE, EPOCH, EXPORTED_AT_MS, after, end)
    tally, lines = ArchiveTally(header), [header_line(header)]
    for one in links:
        lines.append(link_line(one))
        tally.add(lines[-1], one.link)
    return [*lines, trailer_line(tally.trailer())]


def checked(lines: Iterable[bytes], heads: Iterable[SignedHead] = ()) -> ArchiveFindings:
    first, *others = list(lines) or [b""]
    check = ArchiveCheck(first)
    check.expect(heads)
    for line in others:
        check.take(line)
    return check.finish()


def fault(lines: Iterable[bytes], heads: Iterable[SignedHead] = ()) -> ArchiveFaultError:
    with pytest.raises(ArchiveFaultError) as found:
        checked(lines, heads)
    return found.value


def lines_of(whole: bytes) -> list[bytes]:
    return whole.splitlines(keepends=True) if b"\r" not in whole else [one + b"\n" for one in whole.split(b"\n")]


def head_at(links: Sequence[StoredLink], sequence: int, at_ms: int = EXPORTED_AT_MS, epoch: int = EPOCH) -> SignedHead:
    link_hash = links[sequence - 1].link.hash.hex() if sequence <= len(links) else "00" * 32
    return SignedHead(SITE, epoch, sequence, link_hash, at_ms)


def test_an_untouched_export_is_sound() -> None:
    findings = checked(exported(history(14)))

    assert (findings.rows, findings.deleted_rows, findings.heads_agreed) == (14, 0, 0)


def test_an_export_of_nothing_is_sound() -> None:
    assert checked(exported([], through=0)).rows == 0


def test_every_byte_of_a_small_export_counts() -> None:
    whole = b"".join(exported(history(3)))

    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        fault(lines_of(bytes(changed)))


@settings(max_examples=150)
@given(st.integers(10, 20), st.randoms(use_true_random=False), st.integers(1, 255))
def test_a_changed_byte_is_found_wherever_it_stands(count: int, chance: random.Random, difference: int) -> None:
    whole = bytearray(b"".join(exported(history(count))))
    whole[chance.randrange(len(whole))] ^= difference

    fault(lines_of(bytes(whole)))


@settings(max_examples=60)
@given(st.integers(10, 20), st.randoms(use_true_random=False), st.binary(min_size=1, max_size=3))
def test_an_inserted_and_a_removed_byte_are_found(count: int, chance: random.Random, extra: bytes) -> None:
    whole = b"".join(exported(history(count)))
    place = chance.randrange(len(whole))

    fault(lines_of(whole[:place] + extra + whole[place:]))
    fault(lines_of(whole[:place] + whole[place + 1 :]))


@settings(max_examples=60)
@given(st.integers(10, 20), st.randoms(use_true_random=False))
def test_a_file_cut_short_anywhere_is_found(count: int, chance: random.Random) -> None:
    whole = b"".join(exported(history(count)))

    assert fault(lines_of(whole[: chance.randrange(len(whole))])).line >= 1


@settings(max_examples=60)
@given(st.integers(10, 20), st.randoms(use_true_random=False))
def test_rows_removed_doubled_swapped_or_cut_off_are_found_though_the_trailer_fits(
    count: int, chance: random.Random
) -> None:
    links = history(count)
    one, other = sorted(chance.sample(range(count), 2))
    swapped = [*links]
    swapped[one], swapped[other] = links[other], links[one]

    assert fault(exported(links[:one] + links[one + 1 :], through=count)).sequence == one + 1
    assert fault(exported([*links[: other + 1], links[one], *links[other + 1 :]], through=count)).sequence == other + 2
    assert fault(exported(swapped, through=count)).sequence == one + 1
    assert fault(exported(links[:other], through=count)).sequence == other + 1


@pytest.mark.parametrize("title", ["core", "identity", "health"])
def test_altered_and_half_deleted_bytes_are_found_though_the_trailer_fits(title: str) -> None:
    links = history(12)
    which = ("core", "identity", "health").index(title)
    place = next(n for n, one in enumerate(links) if one.stored[which] is not None)

    def with_class(one: bytes | None, salt: bytes | None) -> list[bytes]:
        row = links[place]
        kept, salts = list(row.stored), list(row.salts)
        kept[which], salts[which] = one, salt
        changed = replace(row, stored=tuple(kept), salts=tuple(salts))  # type: ignore[arg-type]
        return exported([*links[:place], changed, *links[place + 1 :]])

    found, salt = links[place].stored[which], links[place].salts[which]
    assert fault(with_class(b"{}", salt)).en == f"the {title} bytes were altered"
    assert fault(with_class(found, b"\0" * 16)).en == f"the {title} bytes were altered"
    assert fault(with_class(None, salt)).en == f"the {title} bytes were half deleted"
    assert fault(with_class(found, None)).en == f"the {title} bytes were half deleted"
    assert checked(with_class(None, None)).deleted[title] == 1


def test_bytes_of_a_class_that_was_never_promised_are_found() -> None:
    links = history(4)
    bare = next(n for n, one in enumerate(links) if one.stored[2] is None)
    links[bare] = replace(
        links[bare],
        stored=(*links[bare].stored[:2], b"{}"),
        salts=(*links[bare].salts[:2], b"\0" * 16),
    )

    assert fault(exported(links)).en == "the health bytes were altered"


def test_a_history_whose_bytes_are_all_deleted_still_verifies_and_is_counted() -> None:
    links = [replace(one, stored=(None, None, None), salts=(None, None, None)) for one in history(12)]

    findings = checked(exported(links))

    assert (findings.rows, findings.deleted_rows) == (12, 12)
    assert findings.deleted == {"core": 12, "identity": 6, "health": 4}


@settings(max_examples=20)
@given(st.integers(10, 20), st.data())
def test_a_chain_rewritten_from_some_row_on_is_found_by_a_signed_head_alone(count: int, data: st.DataObject) -> None:
    links = history(count)
    kept = data.draw(st.integers(0, count - 1))
    start = Head(SITE, EPOCH, kept, links[kept - 1].link.hash) if kept else Head(SITE, EPOCH)
    forged = exported([*links[:kept], *history(count - kept, seed=2, start=start)])
    signed = data.draw(st.integers(kept + 1, count))

    assert checked(forged).rows == count
    assert fault(forged, [head_at(links, signed)]).sequence == signed
    assert checked(forged, [head_at(links, n) for n in range(1, kept + 1)]).covered_through == kept


def test_heads_agree_and_one_signed_before_the_export_beyond_its_end_shows_that_rows_were_cut_off() -> None:
    links = history(12)
    heads = [head_at(links, n) for n in (12, 4, 4, 9)]

    assert checked(exported(links), heads).heads_agreed == 4
    assert checked(exported(links), [head_at(links, 13, EXPORTED_AT_MS + 1)]).heads_later == 1
    assert fault(exported(links[:11]), heads).en == "the history is truncated: sequence 12 was signed before the export"


def test_a_head_of_a_lost_epoch_is_told_apart_from_one_of_an_epoch_that_still_stands() -> None:
    old = history(6, epoch=2)
    restored = [*old[:4], *history(6, seed=2, start=Head(SITE, EPOCH, 4, old[3].link.hash))]

    lost = [head_at(old, 3, epoch=2), head_at(old, 6, epoch=2)]

    findings = checked(exported(restored), [*lost, head_at(restored, 9)])
    at_once = checked(exported(restored[:4]), [*lost, head_at(restored, 4)])
    forged = fault(exported(restored), [SignedHead(SITE, 2, 3, "00" * 32, 1)])

    assert (findings.heads_agreed, findings.heads_of_other_epochs) == (2, 1)
    assert (at_once.heads_agreed, at_once.heads_of_other_epochs) == (2, 1)
    assert forged.sequence == 3


def test_an_epoch_that_only_the_file_claims_excuses_no_head() -> None:
    old = history(5, epoch=2)
    heads = [head_at(old, n, epoch=2) for n in (1, 4, 5)]

    assert fault(exported(old[:2]), heads).sequence == 4
    assert fault(exported(history(5, seed=2)), heads).sequence == 1
    rewritten = history(3, seed=2, start=Head(SITE, EPOCH, 2, old[1].link.hash))
    assert fault(exported([*old[:2], *rewritten]), heads).sequence == 4


def test_a_boundary_moved_between_salt_and_bytes_is_found() -> None:
    links = history(2)
    (salt, *salts), (core, *others) = links[0].salts, links[0].stored
    assert salt is not None
    assert core is not None

    for place in (0, 15, 17):
        whole = salt + core
        moved = replace(links[0], salts=(whole[:place], *salts), stored=(whole[place:], *others))
        assert fault(exported([moved, links[1]])).en == "the core salt is not 16 bytes long"


@pytest.mark.parametrize("site", ["", "../north", "north\x1b[2J", "north\n", ["north"], None, 7])
def test_a_header_of_a_site_that_can_be_none_is_a_fault(site: Any) -> None:
    first = header_line(ArchiveHeader(site, EPOCH, EXPORTED_AT_MS, 0, 0))

    assert fault([first]).en == "the header is none of an export"


def test_a_time_that_no_calendar_shows_is_a_fault() -> None:
    last = 253_402_214_400_000

    assert ArchiveCheck(header_line(ArchiveHeader(SITE, EPOCH, last - 1, 0, 0))).header.through == 0
    assert fault([header_line(ArchiveHeader(SITE, EPOCH, last, 0, 0))]).en == "the header's time is none"


def test_an_export_that_begins_later_is_sound_and_its_first_link_is_held_to_a_head() -> None:
    links = history(12)
    part = exported(links[5:], after=5)

    findings = checked(part, [head_at(links, 2), head_at(links, 5), head_at(links, 12)])

    assert (findings.rows, findings.heads_outside, findings.heads_agreed) == (7, 1, 2)
    assert fault(part, [SignedHead(SITE, EPOCH, 5, "00" * 32, 1)]).sequence == 5


def test_a_line_that_says_the_same_in_other_bytes_is_found() -> None:
    lines = exported(history(3))

    for said in (lines[1].replace(b'":', b'": ', 1), lines[1].upper(), lines[1].replace(b'"kind":1', b'"kind":1.0')):
        assert fault([lines[0], said, *lines[2:]]).line == 2
    assert link_line(read_link(lines[1], SITE)) == lines[1]


def test_a_chain_that_claims_epochs_out_of_order_is_found() -> None:
    first = history(3, epoch=2)
    back = history(2, seed=2, start=Head(SITE, 1, 3, first[-1].link.hash))

    assert fault(exported([*first, *back])).sequence == 4
    assert fault(exported(history(3, epoch=EPOCH + 1))).sequence == 1
