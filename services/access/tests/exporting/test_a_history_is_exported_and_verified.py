"""The history in a real PostgreSQL, exported over gRPC into a file, and verified from the file alone."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from harness.apart import unhurried
from menshen.access.v1 import archive_pb2, events_pb2
from menshen.access.v1.archive_pb2_grpc import ArchiveServiceStub, add_ArchiveServiceServicer_to_server
from menshen_access.domain.archive import ArchiveHeader
from menshen_access.domain.archive_check import ArchiveFaultError
from menshen_access.domain.history import entry_of
from menshen_access.exporting import Exporting
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import Querying
from menshen_access.rpc.archive import ArchiveServicer
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.wiring.archive_work import LinksApart
from menshen_access.witnessing import Witness
from menshen_cli.archive_part import ArchivePart
from menshen_cli.asked_again import Patience
from menshen_cli.export import fill
from menshen_cli.local.language import LocalError
from menshen_cli.local.pki import Pki
from menshen_cli.local.provision import Database
from menshen_cli.verify import findings_text, verified
from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.postgres import Pool
from menshen_servicekit.server import Service, build_server
from menshen_servicekit.status import domain_error_of
from menshen_servicekit.telemetry import Metrics

SITE, EVENTS = "north", 1100
EXPORT = "/menshen.access.v1.ArchiveService/ExportHistory"
PURPOSE = "yearly archive"


@dataclass(frozen=True)
class Office:
    """A served archive of one site: its callers, its witness, and the database behind it."""

    stub: ArchiveServiceStub
    guard: ArchiveServiceStub
    witness: Witness
    key: Ed25519PrivateKey
    heads: Path
    pool: Pool
    apart: LinksApart


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(
    pool: Pool,
    database: Database,
    sites: Sites,
    reader: HistoryReader,
    ledger: PooledLedger,
    pki: Pki,
    event: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Office]:
    """An archive of EVENTS events, of which the first is without its identity and the second without its row."""
    await ledger.append(SITE, [entry_of(event(), late=False) for _ in range(EVENTS)], 0)
    await pool.execute("UPDATE event SET identity = NULL, identity_salt = NULL WHERE sequence = 1")
    await pool.execute("DELETE FROM event WHERE sequence = 2")
    querying = Querying(reader, Administration(pool, sites), SystemClock())
    login = database.logins["access"]
    apart = LinksApart(login.url, login.password_file)
    clock = ManualClock()
    servicer = ArchiveServicer(ServedSites((SITE,)), Exporting(reader, apart, querying, clock, unhurried(clock)))
    server = build_server(
        listen="127.0.0.1:0",
        tls=pki.tls("spiffe://menshen/service/access"),
        services=[Service("menshen.access.v1.ArchiveService", partial(add_ArchiveServiceServicer_to_server, servicer))],
        table=AuthorizationTable({EXPORT: (Allow(Role.OPERATOR),)}),
        metrics=Metrics(),
    )
    await server.start()
    callers = [spiffe_uri(Role.OPERATOR, "li"), spiffe_uri(Role.GUARD, "north-post", SITE)]
    channels = [open_channel(server.address, pki.tls(uri), server_name="access", retry=False) for uri in callers]
    key, heads = Ed25519PrivateKey.generate(), tmp_path_factory.mktemp("heads")
    witness = Witness(SITE, reader, key.sign, heads, ManualClock())
    await witness.write()
    yield Office(*map(ArchiveServiceStub, channels), witness, key, heads, pool, apart)
    for channel in channels:
        await channel.close()
    await server.stop(1)
    await apart.close()


async def exported(
    office: Office,
    file: Path,
    advanced: Callable[[int, int], None] = lambda at, end: None,
    patience: Patience | None = None,
) -> None:
    with ArchivePart(file, SITE) as part:
        await fill(part, office.stub, SITE, PURPOSE, advanced, patience=patience)


async def test_an_exported_history_verifies_offline_against_its_signed_heads(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "north.jsonl"

    await exported(office, file)
    header, findings = verified(file, office.heads, office.key.public_key())

    assert (header.site, header.through, findings.rows) == (SITE, EVENTS, EVENTS)
    assert findings.deleted == {"core": 1, "identity": 2, "health": 0}
    assert (findings.heads_agreed, findings.covered_through) == (1, EVENTS)
    logged = await office.pool.fetchrow("SELECT caller, method, purpose FROM query_log ORDER BY number DESC LIMIT 1")
    assert tuple(logged or ()) == ("operator/li", "ExportHistory", PURPOSE)
    with pytest.raises(LocalError, match="not overwritten"):
        await exported(office, file)


async def test_a_history_that_was_changed_in_the_database_is_exported_and_found(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "north.jsonl"
    await office.pool.execute("UPDATE event SET core = core || ' ' WHERE sequence = 700")

    await exported(office, file)
    await office.pool.execute("UPDATE event SET core = substr(core, 1, length(core) - 1) WHERE sequence = 700")

    with pytest.raises(ArchiveFaultError) as found:
        verified(file, None, None)
    assert (found.value.line, found.value.sequence, found.value.en) == (701, 700, "the core bytes were altered")


async def test_an_interrupted_export_goes_on_and_equals_one_that_was_not(office: Office, tmp_path: Path) -> None:
    whole, file = tmp_path / "whole.jsonl", tmp_path / "north.jsonl"
    part = file.with_name("north.jsonl.part")

    def interrupt(at: int, end: int) -> None:
        raise InterruptedError

    await exported(office, whole)
    with pytest.raises(InterruptedError):
        await exported(office, file, interrupt)
    with part.open("ab") as torn:
        torn.write(b'{"commitments":["')
    kept = part.read_bytes().count(b"\n")
    reached: list[int] = []
    await exported(office, file, lambda at, end: reached.append(at))

    assert 1 < kept < 501
    assert (reached[0], reached[-1]) == (sorted(reached)[0], EVENTS)
    assert len(reached) > 3
    assert file.read_bytes() == whole.read_bytes()
    assert not part.exists()
    assert file.stat().st_mode & 0o077 == 0


async def test_a_reader_that_is_killed_leaves_what_arrived_and_the_next_one_goes_on(
    office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "north.jsonl"
    _, [*_] = await office.apart.page(SITE, 0, EVENTS, 1)

    def kill(at: int, end: int) -> None:
        for child in psutil.Process().children():
            with suppress(psutil.Error):
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()

    with pytest.raises(LocalError, match="the same command goes on"):
        await exported(office, file, kill, Patience(()))
    await exported(office, file)

    assert verified(file, None, None)[1].rows == EVENTS


async def test_a_service_that_goes_away_leaves_what_arrived_and_says_how_to_go_on(pki: Pki, tmp_path: Path) -> None:
    file, operator = tmp_path / "north.jsonl", pki.tls(spiffe_uri(Role.OPERATOR, "li"))
    channel = open_channel("127.0.0.1:9", operator, server_name="access", retry=False)

    with ArchivePart(file, SITE) as part:
        part.begin(ArchiveHeader(SITE, 1, 1, 0, EVENTS))
    with ArchivePart(file, SITE) as part, pytest.raises(LocalError, match="the same command goes on"):
        await fill(part, ArchiveServiceStub(channel), SITE, PURPOSE, lambda at, end: None)
    await channel.close()

    assert file.with_name("north.jsonl.part").read_bytes().count(b"\n") == 1


async def test_a_part_of_a_history_is_exported_and_says_what_it_lacks(office: Office, tmp_path: Path) -> None:
    file, parts = tmp_path / "north.jsonl", (0, 700, EVENTS)
    told: list[int] = []

    for after in parts[1:]:
        part_file = tmp_path / f"after-{after}.jsonl"
        with ArchivePart(part_file, SITE) as part:
            await fill(part, office.stub, SITE, PURPOSE, lambda at, end: told.append(at), after)
        header, findings = verified(part_file, None, None)
        assert (header.after, header.through, findings.rows) == (after, EVENTS, EVENTS - after)
        [*_, unproved] = findings_text(header, findings, with_heads=False)
        assert "NO SIGNED HEADS" in unproved
        assert any(
            f"what came before {after + 1}" in line for line in findings_text(header, findings, with_heads=False)
        )

    await exported(office, file)
    rows = file.read_bytes().splitlines()[1:-1]
    assert (tmp_path / "after-700.jsonl").read_bytes().splitlines()[1:-1] == rows[700:]
    assert told[-1] == EVENTS


async def test_a_part_that_begins_elsewhere_or_beyond_the_end_is_refused(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "north.jsonl"

    with ArchivePart(file, SITE) as part, pytest.raises(LocalError, match=f"the history ends at {EVENTS}"):
        await fill(part, office.stub, SITE, PURPOSE, lambda at, end: None, EVENTS + 1)
    with ArchivePart(file, SITE) as part:
        part.begin(ArchiveHeader(SITE, 1, 1, 7, EVENTS))
    with ArchivePart(file, SITE) as part, pytest.raises(LocalError, match="begins after 7"):
        await fill(part, office.stub, SITE, PURPOSE, lambda at, end: None)


async def test_two_exports_do_not_write_one_part(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "north.jsonl"

    with ArchivePart(file, SITE), pytest.raises(LocalError, match="another export writes"):
        await exported(office, file)


async def test_a_part_that_was_tampered_with_is_not_gone_on_with(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "north.jsonl"
    file.with_name("north.jsonl.part").write_text('{"format": "menshen-history-1"}\n')

    with pytest.raises(LocalError, match=r"line 1, is not as an export writes it"):
        await exported(office, file)


@pytest.mark.parametrize(
    ("other_epoch", "sequence", "code"),
    [(1, 1, "EPOCH_ENDED"), (0, EVENTS + 1, "CURSOR_AHEAD"), (0, 1 << 60, "CURSOR_AHEAD")],
)
async def test_a_cursor_of_another_epoch_or_ahead_is_refused(
    office: Office, reader: HistoryReader, other_epoch: int, sequence: int, code: str
) -> None:
    epoch, _ = await reader.end(SITE)
    after = events_pb2.EventCursor(epoch=epoch + other_epoch, sequence=sequence)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await anext(aiter(office.stub.ExportHistory(_request(after=after))))

    assert refused.value.code() is grpc.StatusCode.OUT_OF_RANGE
    assert domain_error_of(refused.value).code == code


async def test_a_part_of_an_epoch_that_is_over_is_refused_and_named(
    office: Office, reader: HistoryReader, tmp_path: Path
) -> None:
    file = tmp_path / "north.jsonl"
    epoch, _ = await reader.end(SITE)
    with ArchivePart(file, SITE) as part:
        part.begin(ArchiveHeader(SITE, epoch - 1, 1, 0, EVENTS))

    with pytest.raises(LocalError, match=r"begin again; remove .*north\.jsonl\.part"):
        await exported(office, file)


async def test_no_purpose_and_no_operator_means_no_export_and_leaves_no_file(office: Office, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="a purpose is required"), ArchivePart(tmp_path / "north.jsonl", SITE) as part:
        await fill(part, office.stub, SITE, " ", lambda at, end: None)
    with pytest.raises(grpc.aio.AioRpcError) as without:
        await anext(aiter(office.stub.ExportHistory(_request(purpose=" "))))
    with pytest.raises(grpc.aio.AioRpcError) as guard:
        await anext(aiter(office.guard.ExportHistory(_request())))

    assert domain_error_of(without.value).code == "PURPOSE_MISSING"
    assert guard.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert list(tmp_path.iterdir()) == []


async def test_signed_heads_that_were_changed_or_are_missing_are_told_apart(office: Office, tmp_path: Path) -> None:
    file, heads = tmp_path / "north.jsonl", tmp_path / "heads.jsonl"
    await exported(office, file)
    head = json.loads((office.heads / "north.jsonl").read_text())
    heads.write_text(json.dumps({**head, "hash": "00" * 32}, sort_keys=True) + "\n")

    with pytest.raises(ArchiveFaultError) as changed:
        verified(file, heads, office.key.public_key())
    with pytest.raises(LocalError, match="no signed heads"):
        verified(file, tmp_path / "none", office.key.public_key())

    assert (changed.value.line, changed.value.en) == (1, "the signature does not hold")


def _request(**fields: Any) -> archive_pb2.ExportHistoryRequest:
    return archive_pb2.ExportHistoryRequest(**{"site": SITE, "purpose": PURPOSE, **fields})
