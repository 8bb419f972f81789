"""The development authority, and servers that follow their files."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from menshen_servicekit.identity import caller_of
from menshen_servicekit.pki import DAY_MS, Authority, tls_files
from menshen_servicekit.tls import TlsFiles, channel_credentials, server_credentials

NOW_MS = 1_767_225_600_000


def test_a_certificate_carries_its_identity_and_names(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path, NOW_MS)

    files = authority.issue("access", "spiffe://menshen/service/access", NOW_MS, dns=("localhost", "access"))

    certificate = x509.load_pem_x509_certificate(files.certificate_file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://menshen/service/access"]
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "access"]
    assert files == tls_files(tmp_path, "access")
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes()))


def test_private_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    files = Authority.create(tmp_path, NOW_MS).issue("a", "spiffe://menshen/service/a", NOW_MS)

    for path in (files.key_file, tmp_path / "ca.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("options", "begins_ms", "ends_ms"),
    [
        ({"lifetime_ms": -DAY_MS}, NOW_MS - DAY_MS - 1_000, NOW_MS - DAY_MS),
        ({"starts_in_ms": DAY_MS, "lifetime_ms": 2 * DAY_MS}, NOW_MS + DAY_MS, NOW_MS + 2 * DAY_MS),
    ],
)
def test_certificates_outside_their_time_can_be_made(
    tmp_path: Path, options: dict[str, Any], begins_ms: int, ends_ms: int
) -> None:
    files = Authority.create(tmp_path, NOW_MS).issue("a", "spiffe://menshen/service/a", NOW_MS, **options)

    certificate = x509.load_pem_x509_certificate(files.certificate_file.read_bytes())
    assert certificate.not_valid_before_utc.timestamp() * 1000 == begins_ms
    assert certificate.not_valid_after_utc.timestamp() * 1000 == ends_ms


def test_an_authority_is_opened_again_and_goes_on_issuing(tmp_path: Path) -> None:
    Authority.create(tmp_path, NOW_MS)

    files = Authority.open(tmp_path).issue("b", "spiffe://menshen/service/b", NOW_MS)

    certificate = x509.load_pem_x509_certificate(files.certificate_file.read_bytes())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes()))


def test_only_identities_of_ours_are_issued(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SPIFFE"):
        Authority.create(tmp_path, NOW_MS).issue("x", "spiffe://elsewhere/service/x", NOW_MS)


def test_a_key_of_another_certificate_is_refused_at_the_start(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path, NOW_MS)
    one = authority.issue("one", "spiffe://menshen/service/one", NOW_MS)
    two = authority.issue("two", "spiffe://menshen/service/two", NOW_MS)
    mixed = TlsFiles(one.certificate_file, two.key_file, one.trust_file)

    for credentials in (server_credentials, channel_credentials):
        with pytest.raises(ValueError, match="does not belong"):
            credentials(mixed)


async def who(request: Any, context: Any) -> Any:
    caller = caller_of(context)
    return type(request)(text=caller.name if caller else "")


async def test_a_renewed_certificate_is_used_by_the_next_connection(house: Any) -> None:
    server, agent = await house.serve(Say=who), house.issue("agent")
    before = await house.client(server.address, agent)
    assert (await before.say(house.note(), timeout=5)).text == "a-1"

    house.issue("notes", "spiffe://menshen/service/notes", dns=("localhost", "renewed"))
    after = await house.client(server.address, agent, server_name="renewed")

    assert (await after.say(house.note(), timeout=5)).text == "a-1"
    assert (await before.say(house.note(), timeout=5)).text == "a-1"


async def test_an_authority_no_longer_trusted_is_refused_by_the_next_connection(house: Any, tmp_path: Path) -> None:
    server = await house.serve(Say=who)
    agent = house.issue("agent")
    kept_trust = tmp_path / "kept-ca.pem"
    kept_trust.write_bytes(agent.trust_file.read_bytes())
    Authority.create(tmp_path / "next", house.now_ms)
    agent.trust_file.write_bytes((tmp_path / "next" / "ca.pem").read_bytes())

    client = await house.client(server.address, TlsFiles(agent.certificate_file, agent.key_file, kept_trust))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.say(house.note(), timeout=5)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("damage", ["half", "gone", "mismatched"])
async def test_a_half_copied_renewal_leaves_the_last_good_certificate_in_use(
    house: Any, damage: str, kit_log: Any
) -> None:
    server = await house.serve(Say=who)
    files = house.server_files
    if damage == "half":
        files.certificate_file.write_bytes(files.certificate_file.read_bytes()[:200])
    elif damage == "gone":
        files.key_file.unlink()
    else:
        files.key_file.write_bytes(house.issue("other").key_file.read_bytes())

    client = await house.client(server.address)

    assert (await client.say(house.note(), timeout=5)).text == "a-1"
    assert "certificate_reload_refused" in kit_log.getvalue()


async def who_each_time(requests: Any, context: Any) -> Any:
    async for request in requests:
        yield await who(request, context)


async def test_a_channel_calls_with_the_certificate_that_is_on_disk(house: Any) -> None:
    server = await house.serve(Say=who, Chat=who_each_time)
    client = await house.client(server.address)
    chat = client.chat()
    await chat.write(house.note())
    assert (await chat.read()).text == "a-1"

    house.issue("agent", "spiffe://menshen/site/north/agent/a-2")

    assert (await client.say(house.note(), timeout=5)).text == "a-2"
    await chat.write(house.note())
    assert (await chat.read()).text == "a-1"


@pytest.mark.parametrize("damage", ["half", "gone", "mismatched"])
async def test_a_channel_keeps_its_certificate_until_a_renewal_is_whole(
    house: Any, damage: str, tmp_path: Path
) -> None:
    server = await house.serve(Say=who)
    files = house.issue("agent")
    client = await house.client(server.address, files)
    if damage == "half":
        files.certificate_file.write_bytes(files.certificate_file.read_bytes()[:200])
    elif damage == "gone":
        files.key_file.unlink()
    else:
        files.key_file.write_bytes(house.issue("other").key_file.read_bytes())

    assert (await client.say(house.note(), timeout=5)).text == "a-1"

    house.issue("agent", "spiffe://menshen/site/north/agent/a-2")
    assert (await client.say(house.note(), timeout=5)).text == "a-2"


async def test_closing_a_channel_ends_what_began_before_a_renewal(house: Any) -> None:
    server = await house.serve(Say=who, Chat=who_each_time)
    client = await house.client(server.address)
    chat = client.chat()
    await chat.write(house.note())
    await chat.read()
    house.issue("agent", "spiffe://menshen/site/north/agent/a-2")
    await client.say(house.note(), timeout=5)

    async with asyncio.timeout(5):
        await client.channel.close()

    assert chat.done()
