"""python -m menshen_safety [migrate]: alarms, alarm zones and emergency release."""

import sys
from functools import partial

from menshen.safety.v1.safety_pb2_grpc import (
    add_AlarmServiceServicer_to_server,
    add_ReleaseServiceServicer_to_server,
)
from menshen_servicekit.channel import open_channel
from menshen_servicekit.feeds import Bell
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import Process, run
from menshen_servicekit.migrations import migrate_database
from menshen_servicekit.postgres import close_pool, open_pool, watch_pool
from menshen_servicekit.server import Service

from menshen_safety.duties import escalate_unowned, forgive_presence
from menshen_safety.peers.access import AccessPresence
from menshen_safety.postgres.alarms import Alarms
from menshen_safety.postgres.zones import Zones
from menshen_safety.rpc.alarms import AlarmServicer
from menshen_safety.rpc.authorization import TABLE
from menshen_safety.rpc.releases import ReleaseServicer
from menshen_safety.settings import SafetySettings

ALARMS_CHANNEL, ZONES_CHANNEL = "menshen_safety_alarms", "menshen_safety_zones"


async def serve(process: Process[SafetySettings]) -> None:
    """Serve until stopped."""
    settings, clock = process.settings, process.clock
    pool = await open_pool(
        settings.database_url, settings.database_password_file, schema="safety", application="safety"
    )
    process.closer.push("postgres", partial(close_pool, pool))
    access = open_channel(settings.access_target, process.tls, server_name="access")
    process.closer.push("access channel", access.close)
    alarms, zones = Alarms(pool), Zones(pool)
    # A storm of alarms must not wake the streams that agents hold.
    alarm_bell, zone_bell = Bell(), Bell()
    escalate_after_ms = int(settings.escalate_after_s * 1000)
    process.tasks.keep("listen_alarms", partial(alarm_bell.listen, pool, ALARMS_CHANNEL))
    process.tasks.keep("listen_zones", partial(zone_bell.listen, pool, ZONES_CHANNEL))
    process.tasks.keep("postgres", partial(watch_pool, pool, process.readiness.condition("postgres").set))
    process.tasks.keep("escalate", partial(escalate_unowned, alarms, clock, escalate_after_ms))
    process.tasks.keep("forgive", partial(forgive_presence, zones, AccessPresence(access), clock, zone_bell))
    new_id = Uuid7Factory(clock)
    alarm_servicer = AlarmServicer(alarms, clock, alarm_bell, process.stopping, escalate_after_ms, new_id)
    release_servicer = ReleaseServicer(zones, clock, new_id, zone_bell, process.stopping, settings.heartbeat_s)
    services = [
        Service("menshen.safety.v1.AlarmService", partial(add_AlarmServiceServicer_to_server, alarm_servicer)),
        Service("menshen.safety.v1.ReleaseService", partial(add_ReleaseServiceServicer_to_server, release_servicer)),
    ]
    await process.serve(services, TABLE)


async def migrate_schema(process: Process[SafetySettings]) -> None:
    """Bring the schema up to date and end."""
    settings = process.settings
    await migrate_database(settings.database_url, settings.database_password_file, "menshen_safety", schema="safety")


if __name__ == "__main__":
    sys.exit(run("safety", SafetySettings, serve, {"migrate": migrate_schema}))
