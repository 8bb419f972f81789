"""The development certificates of a suite: one authority, and a certificate for each identity that asks for one."""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, parse_spiffe, spiffe_uri
from menshen_servicekit.pki import Authority
from menshen_servicekit.tls import TlsFiles

from .secret import write_secret

ALL_SITES_OPERATOR = spiffe_uri(Role.OPERATOR, "control-room")


class Pki:
    """A folder with `ca.pem`, `ca.key` (0600) and a pair of files for every identity issued so far."""

    def __init__(self, folder: Path) -> None:
        """Open the authority in `folder`, or make one."""
        self._clock = SystemClock()
        self._issued: dict[str, TlsFiles] = {}
        try:
            self._authority = Authority.open(folder)
        except OSError:
            self._authority = Authority.create(folder, self._clock.now_ms())

    @property
    def authority(self) -> Authority:
        """For tests that want expired or foreign certificates."""
        return self._authority

    def tls(self, uri: str) -> TlsFiles:
        """The files of an identity, such as `spiffe://menshen/service/access`; issued when first asked for.

        ValueError when `uri` is not a Menshen identity.
        """
        if uri not in self._issued:
            caller = parse_spiffe(uri)
            name = "-".join(part for part in (caller.site, caller.role.value, caller.name) if part)
            host = [caller.name] if caller.role is Role.SERVICE else []
            self._issued[uri] = self._authority.issue(name, uri, self._clock.now_ms(), dns=[*host, "localhost"])
        return self._issued[uri]

    def issue_all(self, uris: Sequence[str]) -> None:
        """Issue what is still missing of `uris`."""
        for uri in uris:
            self.tls(uri)


def signing_keys(folder: Path) -> tuple[Path, Path]:
    """The private (0600) and the public Ed25519 key (both PEM) of edge snapshots; made when there are none."""
    private_file, public_file = folder / "snapshot.key", folder / "snapshot.pem"
    if not public_file.exists():
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        write_secret(private_file, private.decode())
        public_file.write_bytes(public)
    return private_file, public_file
