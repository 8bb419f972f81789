"""What the access process is told."""

from pathlib import Path

from menshen_servicekit.settings import (
    DatabaseSettings,
    ProcessSettings,
    RedisSettings,
    SettingsError,
    setting,
    settings,
)

_THREE_YEARS = 1096
_LEAST_CORE = 30
"""What an agent may still upload, or upload again, is not deleted meanwhile."""


def _is_age(days: int) -> None:
    if days < 1:
        raise ValueError("at least one day")


def _is_log_age(days: int) -> None:
    if days < _THREE_YEARS:
        raise ValueError(f"at least {_THREE_YEARS} days, three years")


def _is_share(percent: int) -> None:
    if not 0 <= percent <= 100:
        raise ValueError("0 to 100 percent")


def _is_core_age(days: int) -> None:
    if days and days < _LEAST_CORE:
        raise ValueError(f"at least {_LEAST_CORE} days, or 0 for ever")


@settings
class AccessSettings(ProcessSettings, DatabaseSettings, RedisSettings):
    """MENSHEN_* variables of `python -m menshen_access`."""

    sites: tuple[str, ...] = setting("site ids this process serves, separated by commas")
    identity_target: str = setting("host:port of the identity service")
    vehicles_target: str = setting("host:port of the vehicles service")
    safety_target: str = setting("host:port of the safety service")
    snapshot_key_file: Path = setting("PEM Ed25519 private key that signs edge snapshots")
    heads_folder: Path | None = setting("folder for signed heads of the chain, outside the database", default=None)
    pin_pepper_file: Path | None = setting("file with the key of the PIN verifiers, as identity has it", default=None)
    redis_timeout_ms: int = setting("how long a decision waits for Redis", default=200)
    redis_max_waiting: int = setting("commands under way to Redis at once", default=2_000)
    stream_limit: int = setting("events of a site in Redis at which decisions are refused", default=1_000_000)
    cached_subjects: int = setting("subjects of a site kept in memory", default=50_000)
    policy_lead_s: int = setting("how far ahead a policy is scheduled at least, so that every edge has it", default=60)
    lone_operator_sites: tuple[str, ...] = setting("sites where one operator may activate a policy alone", default=())
    closure_approval_s: int = setting("after which an emergency closure nobody approved raises an alarm", default=1800)
    guarded_share_percent: int = setting(
        "share of people whom a change may take access from without a second approver; 100 for no bound",
        default=5,
        check=_is_share,
    )
    identity_days: int = setting("days for which the history keeps who was concerned", default=180, check=_is_age)
    health_days: int = setting("days for which the history keeps what concerns health", default=14, check=_is_age)
    core_days: int = setting(
        "days for which the history keeps where, when and why; no fewer than of identities, 0 for ever",
        default=_THREE_YEARS,
        check=_is_core_age,
    )
    query_log_days: int = setting(
        "days for which it is kept who read the history and why", default=_THREE_YEARS, check=_is_log_age
    )

    def __post_init__(self) -> None:
        parts = max(self.identity_days, self.health_days)
        if 0 < self.core_days < parts:
            raise SettingsError((f"MENSHEN_CORE_DAYS: expected at least {parts} days, as its parts, or 0 for ever",))
