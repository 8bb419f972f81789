"""Which servicer answers for which service, wired."""

from functools import partial

from menshen.access.v1.access_pb2_grpc import add_AccessServiceServicer_to_server
from menshen.access.v1.administration_pb2_grpc import add_AdministrationServiceServicer_to_server
from menshen.access.v1.archive_pb2_grpc import add_ArchiveServiceServicer_to_server
from menshen.access.v1.events_pb2_grpc import add_EventServiceServicer_to_server
from menshen.access.v1.foresight_pb2_grpc import add_ForesightServiceServicer_to_server
from menshen.access.v1.guarding_pb2_grpc import add_GuardingServiceServicer_to_server
from menshen.access.v1.own_records_pb2_grpc import add_OwnRecordsServiceServicer_to_server
from menshen.access.v1.replay_pb2_grpc import add_ReplayServiceServicer_to_server
from menshen.access.v1.reports_pb2_grpc import add_ReportServiceServicer_to_server
from menshen.access.v1.retention_pb2_grpc import add_RetentionServiceServicer_to_server
from menshen.access.v1.review_pb2_grpc import add_ReviewServiceServicer_to_server
from menshen_servicekit.server import Service

from menshen_access.rpc.access import AccessServicer
from menshen_access.rpc.foresight import ForesightServicer
from menshen_access.rpc.replay import ReplayServicer
from menshen_access.wiring.background import Background


def services_of(
    access: AccessServicer, background: Background, foresight: ForesightServicer, replay: ReplayServicer
) -> list[Service]:
    """Every service of a process that serves."""
    added = {
        "AccessService": partial(add_AccessServiceServicer_to_server, access),
        "AdministrationService": partial(add_AdministrationServiceServicer_to_server, background.administration),
        "EventService": partial(add_EventServiceServicer_to_server, background.events),
        "OwnRecordsService": partial(add_OwnRecordsServiceServicer_to_server, background.own_records),
        "ReviewService": partial(add_ReviewServiceServicer_to_server, background.reviews),
        "ArchiveService": partial(add_ArchiveServiceServicer_to_server, background.archive),
        "RetentionService": partial(add_RetentionServiceServicer_to_server, background.retention),
        "ReportService": partial(add_ReportServiceServicer_to_server, background.reports),
        "GuardingService": partial(add_GuardingServiceServicer_to_server, background.guarding),
        "ForesightService": partial(add_ForesightServiceServicer_to_server, foresight),
        "ReplayService": partial(add_ReplayServiceServicer_to_server, replay),
    }
    return [Service(f"menshen.access.v1.{name}", add) for name, add in added.items()]
