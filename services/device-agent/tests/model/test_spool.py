"""The spool: numbers without gaps, a full disk, a file that cannot be trusted."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_device_agent.spool import Spool, SpoolLimits

DAY_MS = 86_400_000


class Moment:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at_ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.at_ms


def a_spool(folder: Path, **limits: int) -> Spool:
    return Spool(folder / "spool.db", Moment(), SpoolLimits(**limits))


def test_entries_are_numbered_from_one_without_gaps(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)

    numbers = [spool.append(b"x") for _ in range(5)]

    assert numbers == [1, 2, 3, 4, 5]
    assert [entry.number for entry in spool.after(2, 10)] == [3, 4, 5]


def test_a_reopened_spool_goes_on_with_its_epoch_numbers_and_watermark(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"a")
    spool.append(b"b")
    spool.acknowledge(spool.epoch, 1)
    spool.close()

    again = a_spool(tmp_path)

    assert (again.epoch, again.last_number, again.acknowledged) == (spool.epoch, 2, 1)
    assert again.append(b"c") == 3


def test_what_was_written_survives_without_closing(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"a")

    assert [entry.body for entry in a_spool(tmp_path).after(0, 10)] == [b"a"]


def test_an_entry_that_insists_does_so_through_a_restart_until_it_was_sent(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"a")
    spool.replace(1, b"decided alone", insists=True)
    spool.acknowledge(spool.epoch, 1)
    spool.close()

    again = a_spool(tmp_path)
    assert [entry.body for entry in again.insisting(10)] == [b"decided alone"]
    assert again.unacknowledged == 1
    again.sent([1])

    assert again.insisting(10) == []
    assert again.unacknowledged == 0


def test_a_watermark_of_another_epoch_changes_nothing(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"a")

    spool.acknowledge(spool.epoch + 1, 1)

    assert spool.acknowledged == 0


def test_a_watermark_beyond_the_spool_is_cut_to_what_was_written(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"a")

    spool.acknowledge(spool.epoch, 99)

    assert spool.acknowledged == 1


def test_acknowledged_entries_stay_for_days_and_then_go(tmp_path: Path) -> None:
    moment = Moment()
    spool = Spool(tmp_path / "spool.db", moment, SpoolLimits(keep_ms=7 * DAY_MS))
    spool.append(b"old")
    spool.append(b"not recorded yet")
    spool.acknowledge(spool.epoch, 1)

    moment.at_ms += 7 * DAY_MS
    spool.prune()
    assert len(spool.after(0, 10)) == 2
    moment.at_ms += 1
    spool.prune()

    assert [entry.body for entry in spool.after(0, 10)] == [b"not recorded yet"]


def test_a_truncated_file_is_moved_aside_and_a_new_epoch_begins(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    for _ in range(500):
        spool.append(b"x" * 200)
    spool.close()
    path = tmp_path / "spool.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])

    again = a_spool(tmp_path)

    assert again.moved_aside is not None
    assert again.moved_aside.exists()
    assert again.last_number == 0
    assert again.append(b"y") == 1


def test_a_file_of_garbage_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"not a database at all" * 100)

    assert a_spool(tmp_path).moved_aside is not None


def test_a_full_disk_costs_no_entry_while_memory_holds(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"a")
    fill_disk(spool)

    numbers = [spool.append(b"z" * 100_000) for _ in range(3)]

    assert numbers == [2, 3, 4]
    assert spool.failing
    assert [entry.number for entry in spool.after(0, 10)] == [1, 2, 3, 4]
    free_disk(spool)
    spool.append(b"b")
    assert not spool.failing
    assert [entry.number for entry in a_spool(tmp_path).after(0, 10)] == [1, 2, 3, 4, 5]


def test_beyond_memory_the_oldest_is_given_up_and_counted(tmp_path: Path) -> None:
    spool = a_spool(tmp_path, waiting_entries=2)
    fill_disk(spool)

    for _ in range(4):
        spool.append(b"z" * 100_000)

    assert spool.given_up == 2
    assert [entry.number for entry in spool.after(0, 10)] == [3, 4]


def fill_disk(spool: Spool) -> None:
    """SQLite's own page limit answers like a full disk: SQLITE_FULL."""
    pages = spool._database.execute("PRAGMA page_count").fetchone()[0]
    spool._database.execute(f"PRAGMA max_page_count = {pages}")


def free_disk(spool: Spool) -> None:
    spool._database.execute("PRAGMA max_page_count = 1073741823")


@settings(max_examples=30)
@given(st.lists(st.one_of(st.binary(max_size=20), st.integers(0, 30)), max_size=30))
def test_what_is_after_the_watermark_is_always_exactly_what_was_not_acknowledged(steps: list[bytes | int]) -> None:
    bodies: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "spool.db", Moment())
        for step in steps:
            if isinstance(step, bytes):
                bodies.append(step)
                spool.append(step)
            else:
                spool.acknowledge(spool.epoch, step)

        left = spool.after(spool.acknowledged, 1_000)
        spool.close()

    assert [entry.body for entry in left] == bodies[spool.acknowledged :]


def test_sqlite_reports_a_full_database_the_way_the_spool_expects(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "x.db")
    database.execute("CREATE TABLE t (b BLOB)")
    database.execute("PRAGMA max_page_count = 2")

    with closing(database), pytest.raises(sqlite3.OperationalError, match="full"):
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")


def after_a_power_cut(folder: Path, **limits: int) -> Spool:
    """A spool on what had reached the disk by now; the run that wrote it goes on in a world of its own."""
    cut = folder / "cut"
    cut.mkdir()
    for path in folder.glob("spool.db*"):
        (cut / path.name).write_bytes(path.read_bytes())
    return a_spool(cut, **limits)


def test_numbers_a_power_cut_took_back_are_sent_whatever_the_watermark_says(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"a")
    again = after_a_power_cut(tmp_path)
    spool.append(b"recorded, and lost on the disk")

    number = again.append(b"another event")
    again.acknowledge(again.epoch, 2)

    assert number == 2
    assert [entry.body for entry in again.insisting(10)] == [b"another event"]
    assert again.unacknowledged == 1


def test_after_an_orderly_end_no_number_is_in_doubt(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"a")
    spool.close()

    again = a_spool(tmp_path)
    again.append(b"b")
    again.acknowledge(again.epoch, 2)

    assert again.insisting(10) == []


def test_only_so_many_numbers_are_in_doubt(tmp_path: Path) -> None:
    a_spool(tmp_path)
    again = after_a_power_cut(tmp_path, doubtful_numbers=2)

    for body in (b"a", b"b", b"c"):
        again.append(body)
    again.acknowledge(again.epoch, 3)

    assert [entry.number for entry in again.insisting(10)] == [1, 2]


def test_a_file_another_process_holds_is_left_alone_and_this_run_spools_in_memory(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(b"not acknowledged yet")
    spool.close()
    with closing(sqlite3.connect(tmp_path / "spool.db", isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        meanwhile = a_spool(tmp_path)
        meanwhile.append(b"in memory")
        holder.execute("ROLLBACK")

    assert meanwhile.in_memory
    assert meanwhile.moved_aside is None
    assert [entry.body for entry in meanwhile.after(0, 10)] == [b"in memory"]
    assert [entry.body for entry in a_spool(tmp_path).after(0, 10)] == [b"not acknowledged yet"]
