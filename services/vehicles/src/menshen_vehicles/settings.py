"""What this service is told."""

from menshen_servicekit.settings import DatabaseSettings, ProcessSettings, setting, settings


@settings
class VehiclesSettings(DatabaseSettings, ProcessSettings):
    """Read once from MENSHEN_* variables."""

    sites: tuple[str, ...] = setting("the university's sites; no other is accepted (empty: any)", default=())
    time_zone: str = setting("IANA zone of dates in imported files", default="Asia/Shanghai")
