"""SPIFFE URIs and the authorization table, without a network."""

from dataclasses import dataclass

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_servicekit.authorization import Allow, AuthorizationTable, SiteRule, require_site
from menshen_servicekit.identity import Caller, Role, parse_spiffe, spiffe_uri
from menshen_servicekit.status import STATUS_TABLE, DomainError, Trouble, status_of


@pytest.mark.parametrize(
    ("uri", "caller"),
    [
        ("spiffe://menshen/service/access", Caller(Role.SERVICE, "access")),
        ("spiffe://menshen/site/north/agent/n-1", Caller(Role.AGENT, "n-1", "north")),
        ("spiffe://menshen/operator/chief", Caller(Role.OPERATOR, "chief")),
        ("spiffe://menshen/site/east/operator/li", Caller(Role.OPERATOR, "li", "east")),
        ("spiffe://menshen/site/lake/guard/post-2", Caller(Role.GUARD, "post-2", "lake")),
    ],
)
def test_each_kind_of_identity_is_read_and_written(uri: str, caller: Caller) -> None:
    assert parse_spiffe(uri) == caller
    assert caller.uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "spiffe://other/service/access",
        "spiffe://menshen/service/",
        "spiffe://menshen/service/a/b",
        "spiffe://menshen/service/access\n",
        "spiffe://menshen/agent/n-1",
        "spiffe://menshen/guard/post",
        "spiffe://menshen/site/north/service/access",
        "spiffe://menshen/site//agent/n-1",
        "spiffe://menshen/site/north/agent/../x",
        "SPIFFE://menshen/service/access",
    ],
)
def test_anything_else_is_no_identity(uri: str) -> None:
    with pytest.raises(ValueError, match="SPIFFE"):
        parse_spiffe(uri)


@given(st.text())
def test_any_text_is_an_identity_or_refused_and_never_changed(uri: str) -> None:
    try:
        caller = parse_spiffe(uri)
    except ValueError:
        return
    assert caller.uri == uri


def test_an_agent_without_a_site_cannot_be_named() -> None:
    with pytest.raises(ValueError, match="SPIFFE"):
        spiffe_uri(Role.AGENT, "n-1")


@dataclass(frozen=True)
class Sited:
    site: str


NORTH_AGENT = Caller(Role.AGENT, "n-1", "north")


def test_the_widest_row_of_a_caller_counts() -> None:
    table = AuthorizationTable({"/s/M": [Allow(Role.AGENT), Allow(Role.AGENT, "n-1", SiteRule.ANY)]})

    named = table.permit("/s/M", NORTH_AGENT)
    other = table.permit("/s/M", Caller(Role.AGENT, "n-2", "north"))

    assert named is not None
    assert named.site is None
    assert other is not None
    assert other.site == "north"


def test_a_caller_of_all_sites_is_not_bound_by_own() -> None:
    permit = AuthorizationTable({"/s/M": [Allow(Role.OPERATOR)]}).permit("/s/M", Caller(Role.OPERATOR, "chief"))

    assert permit is not None
    permit.check(Sited("east"))


@pytest.mark.parametrize("site", ["east", "", "North"])
def test_a_bound_caller_may_name_no_other_site(site: str) -> None:
    permit = AuthorizationTable({"/s/M": [Allow(Role.AGENT)]}).permit("/s/M", NORTH_AGENT)

    assert permit is not None
    with pytest.raises(DomainError, match="FOREIGN_SITE"):
        permit.check(Sited(site))


def test_a_site_deep_in_a_message_is_checked_by_its_servicer() -> None:
    require_site(NORTH_AGENT, "north")
    with pytest.raises(DomainError, match="FOREIGN_SITE"):
        require_site(NORTH_AGENT, "east")


@pytest.mark.parametrize("trouble", list(Trouble))
def test_every_trouble_has_a_status_that_is_an_error(trouble: Trouble) -> None:
    status = status_of(DomainError(trouble, "CODE", "中文", "english"))

    assert status.code is STATUS_TABLE[trouble]
    assert status.code is not grpc.StatusCode.OK
