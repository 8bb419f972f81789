"""Callers of every kind, and those no server may listen to."""

import datetime
from dataclasses import dataclass
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from menshen_cli.local.pki import Pki
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.pki import DAY_MS, Authority
from menshen_servicekit.tls import TlsFiles

SITE, FOREIGN_SITE = "north", "east"
IDENTITIES = {
    **{
        f"service {name}": f"spiffe://menshen/service/{name}"
        for name in ("access", "identity", "portal", "safety", "vehicles")
    },
    "operator of all sites": "spiffe://menshen/operator/anyone",
    **{
        f"{role} of {which} site": f"spiffe://menshen/site/{site}/{role}/contract-9"
        for role in ("agent", "operator", "guard")
        for which, site in (("the", SITE), ("another", FOREIGN_SITE))
    },
}
NAMELESS = "a certificate without an identity"
STRANGERS = (
    "no certificate",
    "a certificate of another authority",
    "an expired certificate",
    "a certificate not valid yet",
)
_OPTIONS = (("grpc.ssl_target_name_override", "localhost"), ("grpc.use_local_subchannel_pool", 1))


@dataclass(frozen=True)
class Callers:
    """Opens a channel to an address as any caller; `strangers` is a folder for another authority."""

    pki: Pki
    strangers: Path

    def channel(self, caller: str, address: str, **options: int) -> grpc.aio.Channel:
        """A channel that repeats nothing; the caller closes it."""
        if caller == "no certificate":
            root = self.pki.authority.trust_file.read_bytes()
            return grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(root), options=_OPTIONS)
        return open_channel(address, self._files(caller), server_name="localhost", retry=False, **options)

    def _files(self, caller: str) -> TlsFiles:
        if caller in IDENTITIES:
            return self.pki.tls(IDENTITIES[caller])
        now_ms, operator = SystemClock().now_ms(), IDENTITIES["operator of all sites"]
        if caller == "an expired certificate":
            return self.pki.authority.issue("expired", operator, now_ms, lifetime_ms=-1_000)
        if caller == "a certificate not valid yet":
            return self.pki.authority.issue("early", operator, now_ms, starts_in_ms=DAY_MS)
        if caller == NAMELESS:
            return nameless_certificate(self.pki.authority.trust_file.parent, now_ms)
        issued = Authority.create(self.strangers, now_ms).issue("stranger", operator, now_ms)
        return TlsFiles(issued.certificate_file, issued.key_file, self.pki.authority.trust_file)


def nameless_certificate(folder: Path, now_ms: int) -> TlsFiles:
    """A certificate the authority in `folder` did sign, without the URI that says who its holder is."""
    issuer = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    issuer_key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    files = TlsFiles(folder / "nameless.pem", folder / "nameless.key", folder / "ca.pem")
    files.certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
