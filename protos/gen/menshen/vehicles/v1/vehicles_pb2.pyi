from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VehicleClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VEHICLE_CLASS_UNSPECIFIED: _ClassVar[VehicleClass]
    VEHICLE_CLASS_BICYCLE: _ClassVar[VehicleClass]
    VEHICLE_CLASS_E_BIKE: _ClassVar[VehicleClass]
    VEHICLE_CLASS_MOTORCYCLE: _ClassVar[VehicleClass]
    VEHICLE_CLASS_CAR: _ClassVar[VehicleClass]
    VEHICLE_CLASS_GOODS: _ClassVar[VehicleClass]

class PermitState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERMIT_STATE_UNSPECIFIED: _ClassVar[PermitState]
    PERMIT_STATE_ACTIVE: _ClassVar[PermitState]
    PERMIT_STATE_SUSPENDED: _ClassVar[PermitState]
    PERMIT_STATE_REVOKED: _ClassVar[PermitState]

class TagState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TAG_STATE_UNSPECIFIED: _ClassVar[TagState]
    TAG_STATE_ACTIVE: _ClassVar[TagState]
    TAG_STATE_LOST: _ClassVar[TagState]
    TAG_STATE_RELEASED: _ClassVar[TagState]

class VehicleVisitState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VEHICLE_VISIT_STATE_UNSPECIFIED: _ClassVar[VehicleVisitState]
    VEHICLE_VISIT_STATE_READY: _ClassVar[VehicleVisitState]
    VEHICLE_VISIT_STATE_CANCELLED: _ClassVar[VehicleVisitState]

class FeedLane(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEED_LANE_UNSPECIFIED: _ClassVar[FeedLane]
    FEED_LANE_ALL: _ClassVar[FeedLane]
    FEED_LANE_REVOCATIONS: _ClassVar[FeedLane]
VEHICLE_CLASS_UNSPECIFIED: VehicleClass
VEHICLE_CLASS_BICYCLE: VehicleClass
VEHICLE_CLASS_E_BIKE: VehicleClass
VEHICLE_CLASS_MOTORCYCLE: VehicleClass
VEHICLE_CLASS_CAR: VehicleClass
VEHICLE_CLASS_GOODS: VehicleClass
PERMIT_STATE_UNSPECIFIED: PermitState
PERMIT_STATE_ACTIVE: PermitState
PERMIT_STATE_SUSPENDED: PermitState
PERMIT_STATE_REVOKED: PermitState
TAG_STATE_UNSPECIFIED: TagState
TAG_STATE_ACTIVE: TagState
TAG_STATE_LOST: TagState
TAG_STATE_RELEASED: TagState
VEHICLE_VISIT_STATE_UNSPECIFIED: VehicleVisitState
VEHICLE_VISIT_STATE_READY: VehicleVisitState
VEHICLE_VISIT_STATE_CANCELLED: VehicleVisitState
FEED_LANE_UNSPECIFIED: FeedLane
FEED_LANE_ALL: FeedLane
FEED_LANE_REVOCATIONS: FeedLane

class Vehicle(_message.Message):
    __slots__ = ("vehicle_id", "site", "sites", "vehicle_class", "plate", "owner_id", "owner_category", "external_ref", "version", "driver_ids")
    VEHICLE_ID_FIELD_NUMBER: _ClassVar[int]
    SITE_FIELD_NUMBER: _ClassVar[int]
    SITES_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_CLASS_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DRIVER_IDS_FIELD_NUMBER: _ClassVar[int]
    vehicle_id: str
    site: str
    sites: _containers.RepeatedScalarFieldContainer[str]
    vehicle_class: VehicleClass
    plate: str
    owner_id: str
    owner_category: str
    external_ref: str
    version: int
    driver_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, vehicle_id: _Optional[str] = ..., site: _Optional[str] = ..., sites: _Optional[_Iterable[str]] = ..., vehicle_class: _Optional[_Union[VehicleClass, str]] = ..., plate: _Optional[str] = ..., owner_id: _Optional[str] = ..., owner_category: _Optional[str] = ..., external_ref: _Optional[str] = ..., version: _Optional[int] = ..., driver_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Permit(_message.Message):
    __slots__ = ("permit_id", "vehicle_id", "state", "valid_from_ms", "valid_to_ms", "external_ref")
    PERMIT_ID_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_MS_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    permit_id: str
    vehicle_id: str
    state: PermitState
    valid_from_ms: int
    valid_to_ms: int
    external_ref: str
    def __init__(self, permit_id: _Optional[str] = ..., vehicle_id: _Optional[str] = ..., state: _Optional[_Union[PermitState, str]] = ..., valid_from_ms: _Optional[int] = ..., valid_to_ms: _Optional[int] = ..., external_ref: _Optional[str] = ...) -> None: ...

class Suspension(_message.Message):
    __slots__ = ("suspension_id", "vehicle_id", "from_ms", "to_ms", "reason_code", "until_test", "lifted_at_ms")
    SUSPENSION_ID_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TEST_FIELD_NUMBER: _ClassVar[int]
    LIFTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    suspension_id: str
    vehicle_id: str
    from_ms: int
    to_ms: int
    reason_code: str
    until_test: bool
    lifted_at_ms: int
    def __init__(self, suspension_id: _Optional[str] = ..., vehicle_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., reason_code: _Optional[str] = ..., until_test: _Optional[bool] = ..., lifted_at_ms: _Optional[int] = ...) -> None: ...

class VehicleVisit(_message.Message):
    __slots__ = ("visit_id", "vehicle_id", "site", "host_id", "from_ms", "to_ms", "access_points", "state", "single_entry", "official_ticket", "external_ref", "code")
    VISIT_ID_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_ID_FIELD_NUMBER: _ClassVar[int]
    SITE_FIELD_NUMBER: _ClassVar[int]
    HOST_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SINGLE_ENTRY_FIELD_NUMBER: _ClassVar[int]
    OFFICIAL_TICKET_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    visit_id: str
    vehicle_id: str
    site: str
    host_id: str
    from_ms: int
    to_ms: int
    access_points: _containers.RepeatedScalarFieldContainer[str]
    state: VehicleVisitState
    single_entry: bool
    official_ticket: bool
    external_ref: str
    code: str
    def __init__(self, visit_id: _Optional[str] = ..., vehicle_id: _Optional[str] = ..., site: _Optional[str] = ..., host_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., access_points: _Optional[_Iterable[str]] = ..., state: _Optional[_Union[VehicleVisitState, str]] = ..., single_entry: _Optional[bool] = ..., official_ticket: _Optional[bool] = ..., external_ref: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class VehicleFact(_message.Message):
    __slots__ = ("type", "value", "source", "valid_from_ms", "valid_to_ms", "reported_at_ms")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_MS_FIELD_NUMBER: _ClassVar[int]
    REPORTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    type: str
    value: str
    source: str
    valid_from_ms: int
    valid_to_ms: int
    reported_at_ms: int
    def __init__(self, type: _Optional[str] = ..., value: _Optional[str] = ..., source: _Optional[str] = ..., valid_from_ms: _Optional[int] = ..., valid_to_ms: _Optional[int] = ..., reported_at_ms: _Optional[int] = ...) -> None: ...

class TagBinding(_message.Message):
    __slots__ = ("binding_id", "vehicle_id", "epc", "tid", "state", "bound_at_ms", "ended_at_ms", "bound_by")
    BINDING_ID_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_ID_FIELD_NUMBER: _ClassVar[int]
    EPC_FIELD_NUMBER: _ClassVar[int]
    TID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BOUND_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    BOUND_BY_FIELD_NUMBER: _ClassVar[int]
    binding_id: str
    vehicle_id: str
    epc: str
    tid: str
    state: TagState
    bound_at_ms: int
    ended_at_ms: int
    bound_by: str
    def __init__(self, binding_id: _Optional[str] = ..., vehicle_id: _Optional[str] = ..., epc: _Optional[str] = ..., tid: _Optional[str] = ..., state: _Optional[_Union[TagState, str]] = ..., bound_at_ms: _Optional[int] = ..., ended_at_ms: _Optional[int] = ..., bound_by: _Optional[str] = ...) -> None: ...

class PutVehicleRequest(_message.Message):
    __slots__ = ("site", "vehicle")
    SITE_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_FIELD_NUMBER: _ClassVar[int]
    site: str
    vehicle: Vehicle
    def __init__(self, site: _Optional[str] = ..., vehicle: _Optional[_Union[Vehicle, _Mapping]] = ...) -> None: ...

class PutVehicleResponse(_message.Message):
    __slots__ = ("vehicle",)
    VEHICLE_FIELD_NUMBER: _ClassVar[int]
    vehicle: Vehicle
    def __init__(self, vehicle: _Optional[_Union[Vehicle, _Mapping]] = ...) -> None: ...

class GetVehicleRequest(_message.Message):
    __slots__ = ("site", "vehicle_id", "plate", "epc")
    SITE_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_ID_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    EPC_FIELD_NUMBER: _ClassVar[int]
    site: str
    vehicle_id: str
    plate: str
    epc: str
    def __init__(self, site: _Optional[str] = ..., vehicle_id: _Optional[str] = ..., plate: _Optional[str] = ..., epc: _Optional[str] = ...) -> None: ...

class GetVehicleResponse(_message.Message):
    __slots__ = ("vehicle", "permits", "tags", "suspensions", "visits")
    VEHICLE_FIELD_NUMBER: _ClassVar[int]
    PERMITS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    SUSPENSIONS_FIELD_NUMBER: _ClassVar[int]
    VISITS_FIELD_NUMBER: _ClassVar[int]
    vehicle: Vehicle
    permits: _containers.RepeatedCompositeFieldContainer[Permit]
    tags: _containers.RepeatedCompositeFieldContainer[TagBinding]
    suspensions: _containers.RepeatedCompositeFieldContainer[Suspension]
    visits: _containers.RepeatedCompositeFieldContainer[VehicleVisit]
    def __init__(self, vehicle: _Optional[_Union[Vehicle, _Mapping]] = ..., permits: _Optional[_Iterable[_Union[Permit, _Mapping]]] = ..., tags: _Optional[_Iterable[_Union[TagBinding, _Mapping]]] = ..., suspensions: _Optional[_Iterable[_Union[Suspension, _Mapping]]] = ..., visits: _Optional[_Iterable[_Union[VehicleVisit, _Mapping]]] = ...) -> None: ...

class ListVehiclesRequest(_message.Message):
    __slots__ = ("site", "page_size", "page_token")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    site: str
    page_size: int
    page_token: str
    def __init__(self, site: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListVehiclesResponse(_message.Message):
    __slots__ = ("vehicles", "next_page_token")
    VEHICLES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    vehicles: _containers.RepeatedCompositeFieldContainer[Vehicle]
    next_page_token: str
    def __init__(self, vehicles: _Optional[_Iterable[_Union[Vehicle, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GrantPermitRequest(_message.Message):
    __slots__ = ("site", "permit")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PERMIT_FIELD_NUMBER: _ClassVar[int]
    site: str
    permit: Permit
    def __init__(self, site: _Optional[str] = ..., permit: _Optional[_Union[Permit, _Mapping]] = ...) -> None: ...

class GrantPermitResponse(_message.Message):
    __slots__ = ("permit",)
    PERMIT_FIELD_NUMBER: _ClassVar[int]
    permit: Permit
    def __init__(self, permit: _Optional[_Union[Permit, _Mapping]] = ...) -> None: ...

class ChangePermitStateRequest(_message.Message):
    __slots__ = ("site", "permit_id", "state", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PERMIT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    permit_id: str
    state: PermitState
    reason: str
    def __init__(self, site: _Optional[str] = ..., permit_id: _Optional[str] = ..., state: _Optional[_Union[PermitState, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class ChangePermitStateResponse(_message.Message):
    __slots__ = ("permit",)
    PERMIT_FIELD_NUMBER: _ClassVar[int]
    permit: Permit
    def __init__(self, permit: _Optional[_Union[Permit, _Mapping]] = ...) -> None: ...

class SuspendVehicleRequest(_message.Message):
    __slots__ = ("site", "suspension", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SUSPENSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    suspension: Suspension
    reason: str
    def __init__(self, site: _Optional[str] = ..., suspension: _Optional[_Union[Suspension, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class SuspendVehicleResponse(_message.Message):
    __slots__ = ("suspension",)
    SUSPENSION_FIELD_NUMBER: _ClassVar[int]
    suspension: Suspension
    def __init__(self, suspension: _Optional[_Union[Suspension, _Mapping]] = ...) -> None: ...

class LiftSuspensionRequest(_message.Message):
    __slots__ = ("site", "suspension_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SUSPENSION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    suspension_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., suspension_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class LiftSuspensionResponse(_message.Message):
    __slots__ = ("suspension",)
    SUSPENSION_FIELD_NUMBER: _ClassVar[int]
    suspension: Suspension
    def __init__(self, suspension: _Optional[_Union[Suspension, _Mapping]] = ...) -> None: ...

class RecordTestRequest(_message.Message):
    __slots__ = ("site", "suspension_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SUSPENSION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    suspension_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., suspension_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RecordTestResponse(_message.Message):
    __slots__ = ("suspension",)
    SUSPENSION_FIELD_NUMBER: _ClassVar[int]
    suspension: Suspension
    def __init__(self, suspension: _Optional[_Union[Suspension, _Mapping]] = ...) -> None: ...

class AnnounceVehicleRequest(_message.Message):
    __slots__ = ("site", "plate", "vehicle_class", "category", "visit")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_CLASS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    VISIT_FIELD_NUMBER: _ClassVar[int]
    site: str
    plate: str
    vehicle_class: VehicleClass
    category: str
    visit: VehicleVisit
    def __init__(self, site: _Optional[str] = ..., plate: _Optional[str] = ..., vehicle_class: _Optional[_Union[VehicleClass, str]] = ..., category: _Optional[str] = ..., visit: _Optional[_Union[VehicleVisit, _Mapping]] = ...) -> None: ...

class AnnounceVehicleResponse(_message.Message):
    __slots__ = ("vehicle", "visit")
    VEHICLE_FIELD_NUMBER: _ClassVar[int]
    VISIT_FIELD_NUMBER: _ClassVar[int]
    vehicle: Vehicle
    visit: VehicleVisit
    def __init__(self, vehicle: _Optional[_Union[Vehicle, _Mapping]] = ..., visit: _Optional[_Union[VehicleVisit, _Mapping]] = ...) -> None: ...

class CancelVehicleVisitRequest(_message.Message):
    __slots__ = ("site", "visit_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    VISIT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    visit_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., visit_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelVehicleVisitResponse(_message.Message):
    __slots__ = ("visit",)
    VISIT_FIELD_NUMBER: _ClassVar[int]
    visit: VehicleVisit
    def __init__(self, visit: _Optional[_Union[VehicleVisit, _Mapping]] = ...) -> None: ...

class BindTagRequest(_message.Message):
    __slots__ = ("site", "vehicle_id", "epc", "tid")
    SITE_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_ID_FIELD_NUMBER: _ClassVar[int]
    EPC_FIELD_NUMBER: _ClassVar[int]
    TID_FIELD_NUMBER: _ClassVar[int]
    site: str
    vehicle_id: str
    epc: str
    tid: str
    def __init__(self, site: _Optional[str] = ..., vehicle_id: _Optional[str] = ..., epc: _Optional[str] = ..., tid: _Optional[str] = ...) -> None: ...

class BindTagResponse(_message.Message):
    __slots__ = ("binding",)
    BINDING_FIELD_NUMBER: _ClassVar[int]
    binding: TagBinding
    def __init__(self, binding: _Optional[_Union[TagBinding, _Mapping]] = ...) -> None: ...

class ReleaseTagRequest(_message.Message):
    __slots__ = ("site", "binding_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    BINDING_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    binding_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., binding_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReleaseTagResponse(_message.Message):
    __slots__ = ("binding",)
    BINDING_FIELD_NUMBER: _ClassVar[int]
    binding: TagBinding
    def __init__(self, binding: _Optional[_Union[TagBinding, _Mapping]] = ...) -> None: ...

class ReportTagLostRequest(_message.Message):
    __slots__ = ("site", "epc", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    EPC_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    epc: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., epc: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReportTagLostResponse(_message.Message):
    __slots__ = ("binding",)
    BINDING_FIELD_NUMBER: _ClassVar[int]
    binding: TagBinding
    def __init__(self, binding: _Optional[_Union[TagBinding, _Mapping]] = ...) -> None: ...

class ImportVehiclesRequest(_message.Message):
    __slots__ = ("site", "dry_run", "chunk")
    SITE_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    site: str
    dry_run: bool
    chunk: bytes
    def __init__(self, site: _Optional[str] = ..., dry_run: _Optional[bool] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class ImportFault(_message.Message):
    __slots__ = ("line", "field", "expected_zh", "expected_en")
    LINE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ZH_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_EN_FIELD_NUMBER: _ClassVar[int]
    line: int
    field: str
    expected_zh: str
    expected_en: str
    def __init__(self, line: _Optional[int] = ..., field: _Optional[str] = ..., expected_zh: _Optional[str] = ..., expected_en: _Optional[str] = ...) -> None: ...

class ImportVehiclesResponse(_message.Message):
    __slots__ = ("rows", "created", "changed", "faults")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    rows: int
    created: int
    changed: int
    faults: _containers.RepeatedCompositeFieldContainer[ImportFault]
    def __init__(self, rows: _Optional[int] = ..., created: _Optional[int] = ..., changed: _Optional[int] = ..., faults: _Optional[_Iterable[_Union[ImportFault, _Mapping]]] = ...) -> None: ...

class FeedCursor(_message.Message):
    __slots__ = ("epoch", "position")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    position: int
    def __init__(self, epoch: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class WatchVehiclesRequest(_message.Message):
    __slots__ = ("site", "lane", "cursor")
    SITE_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    site: str
    lane: FeedLane
    cursor: FeedCursor
    def __init__(self, site: _Optional[str] = ..., lane: _Optional[_Union[FeedLane, str]] = ..., cursor: _Optional[_Union[FeedCursor, _Mapping]] = ...) -> None: ...

class VehicleChange(_message.Message):
    __slots__ = ("subject_id", "version", "removed", "vehicle_class", "home_site", "plate", "owner_id", "owner_category", "permits", "tags", "driver_ids", "suspensions", "visits", "facts")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_CLASS_FIELD_NUMBER: _ClassVar[int]
    HOME_SITE_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PERMITS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    DRIVER_IDS_FIELD_NUMBER: _ClassVar[int]
    SUSPENSIONS_FIELD_NUMBER: _ClassVar[int]
    VISITS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    version: int
    removed: bool
    vehicle_class: VehicleClass
    home_site: str
    plate: str
    owner_id: str
    owner_category: str
    permits: _containers.RepeatedCompositeFieldContainer[Permit]
    tags: _containers.RepeatedCompositeFieldContainer[TagBinding]
    driver_ids: _containers.RepeatedScalarFieldContainer[str]
    suspensions: _containers.RepeatedCompositeFieldContainer[Suspension]
    visits: _containers.RepeatedCompositeFieldContainer[VehicleVisit]
    facts: _containers.RepeatedCompositeFieldContainer[VehicleFact]
    def __init__(self, subject_id: _Optional[str] = ..., version: _Optional[int] = ..., removed: _Optional[bool] = ..., vehicle_class: _Optional[_Union[VehicleClass, str]] = ..., home_site: _Optional[str] = ..., plate: _Optional[str] = ..., owner_id: _Optional[str] = ..., owner_category: _Optional[str] = ..., permits: _Optional[_Iterable[_Union[Permit, _Mapping]]] = ..., tags: _Optional[_Iterable[_Union[TagBinding, _Mapping]]] = ..., driver_ids: _Optional[_Iterable[str]] = ..., suspensions: _Optional[_Iterable[_Union[Suspension, _Mapping]]] = ..., visits: _Optional[_Iterable[_Union[VehicleVisit, _Mapping]]] = ..., facts: _Optional[_Iterable[_Union[VehicleFact, _Mapping]]] = ...) -> None: ...

class WatchVehiclesResponse(_message.Message):
    __slots__ = ("changes", "cursor", "caught_up")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[VehicleChange]
    cursor: FeedCursor
    caught_up: bool
    def __init__(self, changes: _Optional[_Iterable[_Union[VehicleChange, _Mapping]]] = ..., cursor: _Optional[_Union[FeedCursor, _Mapping]] = ..., caught_up: _Optional[bool] = ...) -> None: ...
