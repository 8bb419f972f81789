"""What this service is told."""

from pathlib import Path

from menshen_servicekit.settings import DatabaseSettings, ProcessSettings, read_secret, setting, settings
from menshen_servicekit.verifiers import MIN_PEPPER_BYTES


@settings
class IdentitySettings(DatabaseSettings, ProcessSettings):
    """Read once from MENSHEN_* variables."""

    sites: tuple[str, ...] = setting(
        "the university's sites; visitors are known at all of them, and no other is accepted (empty: any)", default=()
    )
    time_zone: str = setting(
        "IANA zone of dates in imported files and of the days of loan cards", default="Asia/Shanghai"
    )
    pin_pepper_file: Path | None = setting(
        "file with the pepper of PIN verifiers, at least 16 bytes, the same for access; without it no PIN can be set",
        default=None,
    )
    pin_cost_log2_n: int = setting("scrypt cost of new PIN verifiers: log2 of N", default=14)
    pin_cost_r: int = setting("scrypt cost of new PIN verifiers: block size", default=8)
    pin_cost_p: int = setting("scrypt cost of new PIN verifiers: parallelism", default=1)


def pepper_of(settings: IdentitySettings) -> bytes | None:
    """The pepper of PIN verifiers; None when no file is named. ValueError for one that is too short."""
    if settings.pin_pepper_file is None:
        return None
    pepper = read_secret(settings.pin_pepper_file).encode("utf-8")
    if len(pepper) < MIN_PEPPER_BYTES:
        raise ValueError(f"the PIN pepper has fewer than {MIN_PEPPER_BYTES} bytes")
    return pepper
