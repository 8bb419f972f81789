"""Mutual TLS from PEM files. A certificate replaced on disk is used by the next connection, without a restart."""

from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where a process finds its certificate chain, its private key and the authorities it trusts (all PEM)."""

    certificate_file: Path
    key_file: Path
    trust_file: Path


@dataclass(frozen=True, slots=True)
class _Material:
    certificate: bytes
    key: bytes
    trust: bytes


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Credentials that demand a client certificate and follow the files on disk.

    OSError when a file is unreadable at the start, ValueError when key and certificate do not belong together. Later
    trouble of that kind keeps the last good material in use and is logged: a half-copied renewal must not close a door.
    """
    follower = _Follower(files)
    return grpc.dynamic_ssl_server_credentials(
        follower.configuration(),
        follower.changed_configuration,  # type: ignore[arg-type]  # None means unchanged; the stub lacks it
        require_client_authentication=True,
    )


Stamp = tuple[tuple[int, int, int], ...]
"""Which files these are: as long as it stays the same, so do they."""


def stamp_of(files: TlsFiles) -> Stamp:
    """OSError when one of the files is not there."""
    paths = (files.certificate_file, files.key_file, files.trust_file)
    return tuple((found.st_mtime_ns, found.st_size, found.st_ino) for found in (path.stat() for path in paths))


def channel_credentials(files: TlsFiles) -> grpc.ChannelCredentials:
    """Credentials for one connection pool, read now; errors as with `server_credentials` at the start."""
    material = _read(files)
    return grpc.ssl_channel_credentials(material.trust, material.key, material.certificate)


def uris_in(certificate_file: Path) -> tuple[str, ...]:
    """The URIs the first certificate of a PEM file names; OSError or ValueError when there is none to be read."""
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.get_values_for_type(x509.UniformResourceIdentifier))


class _Follower:
    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._stamp = stamp_of(files)
        self._material = _read(files)

    def configuration(self) -> grpc.ServerCertificateConfiguration:
        material = self._material
        return grpc.ssl_server_certificate_configuration([(material.key, material.certificate)], material.trust)

    def changed_configuration(self) -> grpc.ServerCertificateConfiguration | None:
        """Called by gRPC before each handshake; None means unchanged."""
        try:
            stamp = stamp_of(self._files)
            if stamp == self._stamp:
                return None
            material = _read(self._files)
        except (OSError, ValueError) as error:
            _log.warning("certificate_reload_refused", error=type(error).__name__)
            return None
        self._stamp = stamp
        self._material = material
        _log.info("certificate_reloaded")
        return self.configuration()


def _read(files: TlsFiles) -> _Material:
    material = _Material(
        files.certificate_file.read_bytes(), files.key_file.read_bytes(), files.trust_file.read_bytes()
    )
    certificate = x509.load_pem_x509_certificate(material.certificate)
    x509.load_pem_x509_certificates(material.trust)
    wanted = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = load_pem_private_key(material.key, password=None)
    if key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != wanted:
        raise ValueError("the private key does not belong to the certificate")
    return material
