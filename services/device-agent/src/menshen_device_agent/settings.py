"""The settings of a device agent process."""

from pathlib import Path

from menshen_servicekit.settings import ProcessSettings, setting, settings


@settings
class AgentSettings(ProcessSettings):
    """One process per agent; site and agent id stand in its configuration and must equal those of its certificate."""

    config_file: Path = setting("YAML file that binds ports to registered doors")
    state_folder: Path = setting("folder of the spool, the edge copy and the release state; must survive restarts")
    access_target: str = setting("host:port or dns:/// target of the access service")
    safety_target: str = setting("host:port or dns:/// target of the safety service")
    snapshot_key_file: Path = setting("PEM public key (Ed25519) that signs the site's edge snapshots")
    decision_deadline_ms: int = setting("how long to wait for the centre before deciding alone", default=300)
    reader_lost_ms: int = setting("silence after which a reader is lost", default=3_000)
    poll_ms: int = setting("pause between polls of an OSDP reader", default=50)
    inputs_poll_ms: int = setting("pause between readings of a board's inputs", default=30)
    stale_after_ms: int = setting("age of the edge copy beyond which entries are refused", default=86_400_000)
    exit_review_opens_s: float = setting("seconds after which a review at an exit opens by itself", default=15.0)
