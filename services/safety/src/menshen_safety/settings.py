"""The settings of the safety service."""

from menshen_servicekit.settings import DatabaseSettings, ProcessSettings, setting, settings


@settings
class SafetySettings(ProcessSettings, DatabaseSettings):
    """One process; several may share the database."""

    access_target: str = setting("host:port or dns:/// target of the access service")
    escalate_after_s: float = setting("how long an alarm may stay without an owner before it escalates", default=60.0)
    heartbeat_s: float = setting("pause between zone states sent to agents while nothing changes", default=3.0)
