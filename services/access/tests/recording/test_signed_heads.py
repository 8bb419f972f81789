"""Heads of the chain outside the database."""

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from menshen_access.domain.heads import SignedHead, statement_of
from menshen_access.witnessing import Witness
from menshen_servicekit.clock import ManualClock


class AChain:
    """A head that a test moves."""

    def __init__(self) -> None:
        self.at = (7, 3, b"\x01" * 32)

    async def head(self, site: str) -> tuple[int, int, bytes]:
        return self.at


async def test_a_head_is_signed_and_written_once_until_it_moves(tmp_path: Path) -> None:
    key, chain = Ed25519PrivateKey.generate(), AChain()
    witness = Witness("north", chain, key.sign, tmp_path / "heads", ManualClock())

    first, again = await witness.write(), await witness.write()
    chain.at = (7, 4, b"\x02" * 32)
    await witness.write()

    assert again is None
    lines = [SignedHead(**json.loads(line)) for line in (tmp_path / "heads/north.jsonl").read_text().splitlines()]
    assert lines[0] == first
    assert [line.sequence for line in lines] == [3, 4]
    for line in lines:
        key.public_key().verify(bytes.fromhex(line.signature), statement_of(line))


async def test_a_head_that_was_changed_does_not_verify(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    head = await Witness("north", AChain(), key.sign, tmp_path, ManualClock()).write()
    assert head is not None

    changed = SignedHead(head.site, head.epoch, head.sequence, "00" * 32, head.at_ms, head.signature)

    with pytest.raises(InvalidSignature):
        key.public_key().verify(bytes.fromhex(changed.signature), statement_of(changed))


async def test_a_folder_that_refuses_is_an_error_and_nothing_counts_as_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    witness = Witness("north", AChain(), Ed25519PrivateKey.generate().sign, blocked / "heads", ManualClock())

    with pytest.raises(OSError, match="file"):
        await witness.write()
    blocked.unlink()

    assert await witness.write() is not None


async def test_a_head_behind_a_torn_line_stands_on_its_own(tmp_path: Path) -> None:
    file = tmp_path / "north.jsonl"
    file.write_text('{"at_ms": 1')

    head = await Witness("north", AChain(), Ed25519PrivateKey.generate().sign, tmp_path, ManualClock()).write()

    torn, whole = file.read_text().splitlines()
    assert torn == '{"at_ms": 1'
    assert SignedHead(**json.loads(whole)) == head
