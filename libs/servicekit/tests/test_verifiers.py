"""Verifiers of short secrets."""

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_servicekit.verifiers import VerifierCost, make_verifier, matches

PEPPER = b"0123456789abcdef"
SALT = bytes(range(16))
CHEAP = VerifierCost(log2_n=4, r=1, p=1)


def test_a_verifier_is_version_cost_salt_and_scrypt_of_the_keyed_secret() -> None:
    verifier = make_verifier("2468", PEPPER, SALT, CHEAP)
    keyed = hmac.new(PEPPER, b"2468", hashlib.sha256).digest()
    assert verifier == bytes((1, 4, 1, 1)) + SALT + hashlib.scrypt(keyed, salt=SALT, n=16, r=1, p=1, dklen=32)


def test_the_default_cost_is_sixteen_mebibytes() -> None:
    cost = make_verifier("2468", PEPPER, SALT)[1:4]
    assert tuple(cost) == (14, 8, 1)


@settings(max_examples=30, deadline=None)
@given(st.from_regex(r"[0-9]{4,8}", fullmatch=True), st.from_regex(r"[0-9]{4,8}", fullmatch=True))
def test_only_the_same_secret_matches(pin: str, other: str) -> None:
    verifier = make_verifier(pin, PEPPER, SALT, CHEAP)
    assert matches(verifier, other, PEPPER) == (pin == other)
    assert not matches(verifier, pin, PEPPER + b"x")


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_verifier_never_match_and_never_raise(verifier: bytes) -> None:
    assert not matches(verifier, "2468", PEPPER)


@pytest.mark.parametrize("cost", [(1, 18, 32, 1), (1, 255, 255, 255), (1, 0, 0, 0), (2, 4, 1, 1)])
def test_a_verifier_whose_cost_would_exhaust_the_verifier_is_refused(cost: tuple[int, int, int, int]) -> None:
    assert not matches(bytes(cost) + SALT + bytes(32), "2468", PEPPER)


@pytest.mark.parametrize(("pepper", "salt"), [(b"short", SALT), (PEPPER, b"short")])
def test_a_short_pepper_or_salt_is_refused(pepper: bytes, salt: bytes) -> None:
    with pytest.raises(ValueError, match="expected a salt"):
        make_verifier("2468", pepper, salt, CHEAP)
