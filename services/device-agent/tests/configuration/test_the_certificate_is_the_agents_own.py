"""The site and the id of the configuration are compared with the certificate at the start."""

import pytest
from menshen_device_agent.certificate import mismatch_of
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.pki import Authority
from menshen_servicekit.tls import uris_in

NOW_MS = 1_790_000_000_000
OWN = spiffe_uri(Role.AGENT, "north-1", "north")


def test_the_certificate_of_the_agent_is_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    files = Authority.create(tmp_path_factory.mktemp("pki"), NOW_MS).issue("north-1", OWN, NOW_MS)

    assert uris_in(files.certificate_file) == (OWN,)
    assert mismatch_of(uris_in(files.certificate_file), "north", "north-1") is None


@pytest.mark.parametrize(
    ("uris", "zh", "en"),
    [
        (
            [spiffe_uri(Role.AGENT, "north-1", "south")],
            "配置为校区 north 的代理 north-1，证书属于校区 south 的代理 north-1",
            "the configuration is of agent north-1 at site north, the certificate of agent north-1 at south",
        ),
        (
            [spiffe_uri(Role.AGENT, "north-2", "north")],
            "配置为校区 north 的代理 north-1，证书属于校区 north 的代理 north-2",
            "the configuration is of agent north-1 at site north, the certificate of agent north-2 at north",
        ),
        (
            [spiffe_uri(Role.GUARD, "north-1", "north")],
            "证书属于 spiffe://menshen/site/north/guard/north-1，不是设备代理的证书",
            "the certificate is of spiffe://menshen/site/north/guard/north-1, which is no device agent",
        ),
        (
            ["https://elsewhere"],
            "证书的 URI 或配置的 site、agent 不是有效身份",
            "the certificate's URI, or site and agent of the configuration, make no identity",
        ),
        ([], "证书须恰有一个 URI，实有 0 个", "the certificate must name one URI, and names 0"),
        ([OWN, OWN], "证书须恰有一个 URI，实有 2 个", "the certificate must name one URI, and names 2"),
    ],
    ids=["another site", "another agent", "another role", "no identity", "none", "two"],
)
def test_whatever_is_not_the_agents_own_is_named(uris: list[str], zh: str, en: str) -> None:
    found = mismatch_of(uris, "north", "north-1")

    assert found is not None
    assert (found.zh, found.en) == (zh, en)
