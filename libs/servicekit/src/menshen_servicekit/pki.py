"""A development certificate authority. Production certificates come from the operator's own issuer."""

import datetime
import ipaddress
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from menshen_servicekit.identity import parse_spiffe
from menshen_servicekit.tls import TlsFiles

DAY_MS = 86_400_000
BACKDATE_MS = 300_000
"""Certificates begin five minutes early, for clocks that run behind the issuer's."""


def tls_files(folder: Path, name: str) -> TlsFiles:
    """Where `Authority.issue` puts the certificate `name` in `folder`."""
    return TlsFiles(folder / f"{name}.pem", folder / f"{name}.key", folder / "ca.pem")


class Authority:
    """An EC P-256 authority in a folder: `ca.pem`, `ca.key`, and `<name>.pem` / `<name>.key` for each certificate.

    Keys are written with mode 0600.
    """

    def __init__(self, folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._folder = folder
        self._certificate = certificate
        self._key = key

    @classmethod
    def create(cls, folder: Path, now_ms: int, lifetime_ms: int = 3650 * DAY_MS) -> "Authority":
        """Make a new authority in `folder`, replacing one that is there."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Menshen development authority")])
        builder = _builder(subject, subject, key.public_key(), now_ms - BACKDATE_MS, now_ms + lifetime_ms)
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(is_authority=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        _write(folder / "ca.key", _key_pem(key), 0o600)
        _write(folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM), 0o644)
        return cls(folder, certificate, key)

    @classmethod
    def open(cls, folder: Path) -> "Authority":
        """The authority of `folder`; OSError when there is none."""
        certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the authority's key is not an elliptic curve key")
        return cls(folder, certificate, key)

    @property
    def trust_file(self) -> Path:
        return self._folder / "ca.pem"

    def issue(
        self,
        name: str,
        uri: str,
        now_ms: int,
        *,
        dns: Sequence[str] = ("localhost",),
        ips: Sequence[str] = ("127.0.0.1", "::1"),
        starts_in_ms: int = -BACKDATE_MS,
        lifetime_ms: int = 90 * DAY_MS,
    ) -> TlsFiles:
        """Write a certificate for one SPIFFE URI, good for servers and clients, and say where.

        It holds from `now_ms + starts_in_ms` until `now_ms + lifetime_ms`: a negative lifetime makes an expired one,
        a positive start one that is not yet valid. ValueError when `uri` is not a Menshen identity.
        """
        parse_spiffe(uri)
        key = ec.generate_private_key(ec.SECP256R1())
        begins_ms, ends_ms = now_ms + min(starts_in_ms, lifetime_ms - 1_000), now_ms + lifetime_ms
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(subject, self._certificate.subject, key.public_key(), begins_ms, ends_ms)
        certificate = (
            builder.add_extension(_names(uri, dns, ips), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(is_authority=False), critical=True)
            .add_extension(_BOTH_ENDS, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        files = tls_files(self._folder, name)
        _write(files.key_file, _key_pem(key), 0o600)
        _write(files.certificate_file, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
        return files


_BOTH_ENDS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins_ms: int, ends_ms: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime.fromtimestamp(begins_ms / 1000, datetime.UTC))
        .not_valid_after(datetime.datetime.fromtimestamp(ends_ms / 1000, datetime.UTC))
    )


def _names(uri: str, dns: Sequence[str], ips: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [
            x509.UniformResourceIdentifier(uri),
            *(x509.DNSName(host) for host in dns),
            *(x509.IPAddress(ipaddress.ip_address(ip)) for ip in ips),
        ]
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replace `path` in one step, so that a reader never sees half a file."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    part.replace(path)
