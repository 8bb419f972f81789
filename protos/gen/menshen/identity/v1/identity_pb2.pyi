from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CredentialState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CREDENTIAL_STATE_UNSPECIFIED: _ClassVar[CredentialState]
    CREDENTIAL_STATE_INACTIVE: _ClassVar[CredentialState]
    CREDENTIAL_STATE_ACTIVE: _ClassVar[CredentialState]
    CREDENTIAL_STATE_SUSPENDED: _ClassVar[CredentialState]
    CREDENTIAL_STATE_LOST: _ClassVar[CredentialState]
    CREDENTIAL_STATE_STOLEN: _ClassVar[CredentialState]
    CREDENTIAL_STATE_REPLACED: _ClassVar[CredentialState]
    CREDENTIAL_STATE_RETURNED: _ClassVar[CredentialState]
    CREDENTIAL_STATE_DESTROYED: _ClassVar[CredentialState]

class Retirement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETIREMENT_UNSPECIFIED: _ClassVar[Retirement]
    RETIREMENT_DONE: _ClassVar[Retirement]
    RETIREMENT_BEFORE: _ClassVar[Retirement]
    RETIREMENT_STAYS_STOLEN: _ClassVar[Retirement]
    RETIREMENT_NOT_SUCCEEDED: _ClassVar[Retirement]

class IdentifierType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDENTIFIER_TYPE_UNSPECIFIED: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_CARD: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_QR: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_EPC: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_PLATE: _ClassVar[IdentifierType]

class ListKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIST_KIND_UNSPECIFIED: _ClassVar[ListKind]
    LIST_KIND_BLACK: _ClassVar[ListKind]
    LIST_KIND_WHITE: _ClassVar[ListKind]

class VisitState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VISIT_STATE_UNSPECIFIED: _ClassVar[VisitState]
    VISIT_STATE_READY: _ClassVar[VisitState]
    VISIT_STATE_CANCELLED: _ClassVar[VisitState]

class AccessPointClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACCESS_POINT_CLASS_UNSPECIFIED: _ClassVar[AccessPointClass]
    ACCESS_POINT_CLASS_PEDESTRIAN: _ClassVar[AccessPointClass]
    ACCESS_POINT_CLASS_NON_MOTOR: _ClassVar[AccessPointClass]
    ACCESS_POINT_CLASS_MOTOR: _ClassVar[AccessPointClass]
    ACCESS_POINT_CLASS_GOODS: _ClassVar[AccessPointClass]

class FeedLane(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEED_LANE_UNSPECIFIED: _ClassVar[FeedLane]
    FEED_LANE_ALL: _ClassVar[FeedLane]
    FEED_LANE_REVOCATIONS: _ClassVar[FeedLane]
CREDENTIAL_STATE_UNSPECIFIED: CredentialState
CREDENTIAL_STATE_INACTIVE: CredentialState
CREDENTIAL_STATE_ACTIVE: CredentialState
CREDENTIAL_STATE_SUSPENDED: CredentialState
CREDENTIAL_STATE_LOST: CredentialState
CREDENTIAL_STATE_STOLEN: CredentialState
CREDENTIAL_STATE_REPLACED: CredentialState
CREDENTIAL_STATE_RETURNED: CredentialState
CREDENTIAL_STATE_DESTROYED: CredentialState
RETIREMENT_UNSPECIFIED: Retirement
RETIREMENT_DONE: Retirement
RETIREMENT_BEFORE: Retirement
RETIREMENT_STAYS_STOLEN: Retirement
RETIREMENT_NOT_SUCCEEDED: Retirement
IDENTIFIER_TYPE_UNSPECIFIED: IdentifierType
IDENTIFIER_TYPE_CARD: IdentifierType
IDENTIFIER_TYPE_QR: IdentifierType
IDENTIFIER_TYPE_EPC: IdentifierType
IDENTIFIER_TYPE_PLATE: IdentifierType
LIST_KIND_UNSPECIFIED: ListKind
LIST_KIND_BLACK: ListKind
LIST_KIND_WHITE: ListKind
VISIT_STATE_UNSPECIFIED: VisitState
VISIT_STATE_READY: VisitState
VISIT_STATE_CANCELLED: VisitState
ACCESS_POINT_CLASS_UNSPECIFIED: AccessPointClass
ACCESS_POINT_CLASS_PEDESTRIAN: AccessPointClass
ACCESS_POINT_CLASS_NON_MOTOR: AccessPointClass
ACCESS_POINT_CLASS_MOTOR: AccessPointClass
ACCESS_POINT_CLASS_GOODS: AccessPointClass
FEED_LANE_UNSPECIFIED: FeedLane
FEED_LANE_ALL: FeedLane
FEED_LANE_REVOCATIONS: FeedLane

class Identifier(_message.Message):
    __slots__ = ("type", "value")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: IdentifierType
    value: str
    def __init__(self, type: _Optional[_Union[IdentifierType, str]] = ..., value: _Optional[str] = ...) -> None: ...

class Credential(_message.Message):
    __slots__ = ("credential_id", "cardholder_id", "identifiers", "state", "valid_from_ms", "valid_to_ms", "external_ref", "changed_at_ms", "replaces", "stands_in_for", "single_use", "pin_required")
    CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_MS_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    STANDS_IN_FOR_FIELD_NUMBER: _ClassVar[int]
    SINGLE_USE_FIELD_NUMBER: _ClassVar[int]
    PIN_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    credential_id: str
    cardholder_id: str
    identifiers: _containers.RepeatedCompositeFieldContainer[Identifier]
    state: CredentialState
    valid_from_ms: int
    valid_to_ms: int
    external_ref: str
    changed_at_ms: int
    replaces: str
    stands_in_for: str
    single_use: bool
    pin_required: bool
    def __init__(self, credential_id: _Optional[str] = ..., cardholder_id: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[Identifier, _Mapping]]] = ..., state: _Optional[_Union[CredentialState, str]] = ..., valid_from_ms: _Optional[int] = ..., valid_to_ms: _Optional[int] = ..., external_ref: _Optional[str] = ..., changed_at_ms: _Optional[int] = ..., replaces: _Optional[str] = ..., stands_in_for: _Optional[str] = ..., single_use: _Optional[bool] = ..., pin_required: _Optional[bool] = ...) -> None: ...

class Fact(_message.Message):
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

class ListEntry(_message.Message):
    __slots__ = ("entry_id", "kind", "access_point", "scope_site", "from_ms", "to_ms", "reason_code", "source", "access_point_class")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_SITE_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_CLASS_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    kind: ListKind
    access_point: str
    scope_site: str
    from_ms: int
    to_ms: int
    reason_code: str
    source: str
    access_point_class: AccessPointClass
    def __init__(self, entry_id: _Optional[str] = ..., kind: _Optional[_Union[ListKind, str]] = ..., access_point: _Optional[str] = ..., scope_site: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., reason_code: _Optional[str] = ..., source: _Optional[str] = ..., access_point_class: _Optional[_Union[AccessPointClass, str]] = ...) -> None: ...

class Cardholder(_message.Message):
    __slots__ = ("cardholder_id", "site", "sites", "category", "groups", "name", "organisation_id", "photo_ref", "external_ref", "version")
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    SITE_FIELD_NUMBER: _ClassVar[int]
    SITES_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PHOTO_REF_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    cardholder_id: str
    site: str
    sites: _containers.RepeatedScalarFieldContainer[str]
    category: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    name: str
    organisation_id: str
    photo_ref: str
    external_ref: str
    version: int
    def __init__(self, cardholder_id: _Optional[str] = ..., site: _Optional[str] = ..., sites: _Optional[_Iterable[str]] = ..., category: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., name: _Optional[str] = ..., organisation_id: _Optional[str] = ..., photo_ref: _Optional[str] = ..., external_ref: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class Organisation(_message.Message):
    __slots__ = ("organisation_id", "parent_id", "name_zh", "name_en", "external_ref")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_ZH_FIELD_NUMBER: _ClassVar[int]
    NAME_EN_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    parent_id: str
    name_zh: str
    name_en: str
    external_ref: str
    def __init__(self, organisation_id: _Optional[str] = ..., parent_id: _Optional[str] = ..., name_zh: _Optional[str] = ..., name_en: _Optional[str] = ..., external_ref: _Optional[str] = ...) -> None: ...

class Visit(_message.Message):
    __slots__ = ("visit_id", "site", "cardholder_id", "host_id", "from_ms", "to_ms", "access_points", "state", "single_entry", "external_ref", "host_groups")
    VISIT_ID_FIELD_NUMBER: _ClassVar[int]
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    HOST_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SINGLE_ENTRY_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    HOST_GROUPS_FIELD_NUMBER: _ClassVar[int]
    visit_id: str
    site: str
    cardholder_id: str
    host_id: str
    from_ms: int
    to_ms: int
    access_points: _containers.RepeatedScalarFieldContainer[str]
    state: VisitState
    single_entry: bool
    external_ref: str
    host_groups: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, visit_id: _Optional[str] = ..., site: _Optional[str] = ..., cardholder_id: _Optional[str] = ..., host_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., access_points: _Optional[_Iterable[str]] = ..., state: _Optional[_Union[VisitState, str]] = ..., single_entry: _Optional[bool] = ..., external_ref: _Optional[str] = ..., host_groups: _Optional[_Iterable[str]] = ...) -> None: ...

class PutOrganisationRequest(_message.Message):
    __slots__ = ("site", "organisation")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    site: str
    organisation: Organisation
    def __init__(self, site: _Optional[str] = ..., organisation: _Optional[_Union[Organisation, _Mapping]] = ...) -> None: ...

class PutOrganisationResponse(_message.Message):
    __slots__ = ("organisation",)
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    organisation: Organisation
    def __init__(self, organisation: _Optional[_Union[Organisation, _Mapping]] = ...) -> None: ...

class ListOrganisationsRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class ListOrganisationsResponse(_message.Message):
    __slots__ = ("organisations",)
    ORGANISATIONS_FIELD_NUMBER: _ClassVar[int]
    organisations: _containers.RepeatedCompositeFieldContainer[Organisation]
    def __init__(self, organisations: _Optional[_Iterable[_Union[Organisation, _Mapping]]] = ...) -> None: ...

class CreateCardholderRequest(_message.Message):
    __slots__ = ("site", "cardholder")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_FIELD_NUMBER: _ClassVar[int]
    site: str
    cardholder: Cardholder
    def __init__(self, site: _Optional[str] = ..., cardholder: _Optional[_Union[Cardholder, _Mapping]] = ...) -> None: ...

class CreateCardholderResponse(_message.Message):
    __slots__ = ("cardholder",)
    CARDHOLDER_FIELD_NUMBER: _ClassVar[int]
    cardholder: Cardholder
    def __init__(self, cardholder: _Optional[_Union[Cardholder, _Mapping]] = ...) -> None: ...

class UpdateCardholderRequest(_message.Message):
    __slots__ = ("site", "cardholder")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_FIELD_NUMBER: _ClassVar[int]
    site: str
    cardholder: Cardholder
    def __init__(self, site: _Optional[str] = ..., cardholder: _Optional[_Union[Cardholder, _Mapping]] = ...) -> None: ...

class UpdateCardholderResponse(_message.Message):
    __slots__ = ("cardholder",)
    CARDHOLDER_FIELD_NUMBER: _ClassVar[int]
    cardholder: Cardholder
    def __init__(self, cardholder: _Optional[_Union[Cardholder, _Mapping]] = ...) -> None: ...

class GetCardholderRequest(_message.Message):
    __slots__ = ("site", "cardholder_id", "purpose")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    site: str
    cardholder_id: str
    purpose: str
    def __init__(self, site: _Optional[str] = ..., cardholder_id: _Optional[str] = ..., purpose: _Optional[str] = ...) -> None: ...

class GetCardholderResponse(_message.Message):
    __slots__ = ("cardholder", "credentials", "facts", "list_entries")
    CARDHOLDER_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    LIST_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    cardholder: Cardholder
    credentials: _containers.RepeatedCompositeFieldContainer[Credential]
    facts: _containers.RepeatedCompositeFieldContainer[Fact]
    list_entries: _containers.RepeatedCompositeFieldContainer[ListEntry]
    def __init__(self, cardholder: _Optional[_Union[Cardholder, _Mapping]] = ..., credentials: _Optional[_Iterable[_Union[Credential, _Mapping]]] = ..., facts: _Optional[_Iterable[_Union[Fact, _Mapping]]] = ..., list_entries: _Optional[_Iterable[_Union[ListEntry, _Mapping]]] = ...) -> None: ...

class ListCardholdersRequest(_message.Message):
    __slots__ = ("site", "category", "page_size", "page_token")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    site: str
    category: str
    page_size: int
    page_token: str
    def __init__(self, site: _Optional[str] = ..., category: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCardholdersResponse(_message.Message):
    __slots__ = ("cardholders", "next_page_token")
    CARDHOLDERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    cardholders: _containers.RepeatedCompositeFieldContainer[Cardholder]
    next_page_token: str
    def __init__(self, cardholders: _Optional[_Iterable[_Union[Cardholder, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class IssueCredentialRequest(_message.Message):
    __slots__ = ("site", "credential")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    site: str
    credential: Credential
    def __init__(self, site: _Optional[str] = ..., credential: _Optional[_Union[Credential, _Mapping]] = ...) -> None: ...

class IssueCredentialResponse(_message.Message):
    __slots__ = ("credential",)
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    credential: Credential
    def __init__(self, credential: _Optional[_Union[Credential, _Mapping]] = ...) -> None: ...

class IssueCodeRequest(_message.Message):
    __slots__ = ("site", "cardholder_id", "valid_from_ms", "valid_to_ms", "reusable", "pin_required")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_MS_FIELD_NUMBER: _ClassVar[int]
    REUSABLE_FIELD_NUMBER: _ClassVar[int]
    PIN_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    site: str
    cardholder_id: str
    valid_from_ms: int
    valid_to_ms: int
    reusable: bool
    pin_required: bool
    def __init__(self, site: _Optional[str] = ..., cardholder_id: _Optional[str] = ..., valid_from_ms: _Optional[int] = ..., valid_to_ms: _Optional[int] = ..., reusable: _Optional[bool] = ..., pin_required: _Optional[bool] = ...) -> None: ...

class IssueCodeResponse(_message.Message):
    __slots__ = ("credential",)
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    credential: Credential
    def __init__(self, credential: _Optional[_Union[Credential, _Mapping]] = ...) -> None: ...

class RetireCredentialRequest(_message.Message):
    __slots__ = ("site", "cardholder_id", "credential_id", "event_id")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    site: str
    cardholder_id: str
    credential_id: str
    event_id: str
    def __init__(self, site: _Optional[str] = ..., cardholder_id: _Optional[str] = ..., credential_id: _Optional[str] = ..., event_id: _Optional[str] = ...) -> None: ...

class RetireCredentialResponse(_message.Message):
    __slots__ = ("retirement",)
    RETIREMENT_FIELD_NUMBER: _ClassVar[int]
    retirement: Retirement
    def __init__(self, retirement: _Optional[_Union[Retirement, str]] = ...) -> None: ...

class ChangeCredentialStateRequest(_message.Message):
    __slots__ = ("site", "credential_id", "state", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    credential_id: str
    state: CredentialState
    reason: str
    def __init__(self, site: _Optional[str] = ..., credential_id: _Optional[str] = ..., state: _Optional[_Union[CredentialState, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class ChangeCredentialStateResponse(_message.Message):
    __slots__ = ("credential",)
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    credential: Credential
    def __init__(self, credential: _Optional[_Union[Credential, _Mapping]] = ...) -> None: ...

class FindCredentialRequest(_message.Message):
    __slots__ = ("site", "identifier")
    SITE_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    site: str
    identifier: Identifier
    def __init__(self, site: _Optional[str] = ..., identifier: _Optional[_Union[Identifier, _Mapping]] = ...) -> None: ...

class FindCredentialResponse(_message.Message):
    __slots__ = ("credential",)
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    credential: Credential
    def __init__(self, credential: _Optional[_Union[Credential, _Mapping]] = ...) -> None: ...

class SetPinRequest(_message.Message):
    __slots__ = ("site", "cardholder_id", "pin", "duress_pin")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    DURESS_PIN_FIELD_NUMBER: _ClassVar[int]
    site: str
    cardholder_id: str
    pin: str
    duress_pin: str
    def __init__(self, site: _Optional[str] = ..., cardholder_id: _Optional[str] = ..., pin: _Optional[str] = ..., duress_pin: _Optional[str] = ...) -> None: ...

class SetPinResponse(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    def __init__(self, version: _Optional[int] = ...) -> None: ...

class ReportFactRequest(_message.Message):
    __slots__ = ("site", "cardholder_id", "fact")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    site: str
    cardholder_id: str
    fact: Fact
    def __init__(self, site: _Optional[str] = ..., cardholder_id: _Optional[str] = ..., fact: _Optional[_Union[Fact, _Mapping]] = ...) -> None: ...

class ReportFactResponse(_message.Message):
    __slots__ = ("current",)
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    current: bool
    def __init__(self, current: _Optional[bool] = ...) -> None: ...

class FactSource(_message.Message):
    __slots__ = ("source", "complete_to_ms")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TO_MS_FIELD_NUMBER: _ClassVar[int]
    source: str
    complete_to_ms: int
    def __init__(self, source: _Optional[str] = ..., complete_to_ms: _Optional[int] = ...) -> None: ...

class ReportSourceRequest(_message.Message):
    __slots__ = ("site", "source")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    site: str
    source: FactSource
    def __init__(self, site: _Optional[str] = ..., source: _Optional[_Union[FactSource, _Mapping]] = ...) -> None: ...

class ReportSourceResponse(_message.Message):
    __slots__ = ("source",)
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    source: FactSource
    def __init__(self, source: _Optional[_Union[FactSource, _Mapping]] = ...) -> None: ...

class WatchSourcesRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class WatchSourcesResponse(_message.Message):
    __slots__ = ("sources",)
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[FactSource]
    def __init__(self, sources: _Optional[_Iterable[_Union[FactSource, _Mapping]]] = ...) -> None: ...

class AddListEntryRequest(_message.Message):
    __slots__ = ("site", "cardholder_id", "entry")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CARDHOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    site: str
    cardholder_id: str
    entry: ListEntry
    def __init__(self, site: _Optional[str] = ..., cardholder_id: _Optional[str] = ..., entry: _Optional[_Union[ListEntry, _Mapping]] = ...) -> None: ...

class AddListEntryResponse(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: ListEntry
    def __init__(self, entry: _Optional[_Union[ListEntry, _Mapping]] = ...) -> None: ...

class EndListEntryRequest(_message.Message):
    __slots__ = ("site", "entry_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    entry_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., entry_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class EndListEntryResponse(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: ListEntry
    def __init__(self, entry: _Optional[_Union[ListEntry, _Mapping]] = ...) -> None: ...

class CreateVisitRequest(_message.Message):
    __slots__ = ("site", "visitor_name", "host_id", "visit")
    SITE_FIELD_NUMBER: _ClassVar[int]
    VISITOR_NAME_FIELD_NUMBER: _ClassVar[int]
    HOST_ID_FIELD_NUMBER: _ClassVar[int]
    VISIT_FIELD_NUMBER: _ClassVar[int]
    site: str
    visitor_name: str
    host_id: str
    visit: Visit
    def __init__(self, site: _Optional[str] = ..., visitor_name: _Optional[str] = ..., host_id: _Optional[str] = ..., visit: _Optional[_Union[Visit, _Mapping]] = ...) -> None: ...

class CreateVisitResponse(_message.Message):
    __slots__ = ("visit", "credential")
    VISIT_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    visit: Visit
    credential: Credential
    def __init__(self, visit: _Optional[_Union[Visit, _Mapping]] = ..., credential: _Optional[_Union[Credential, _Mapping]] = ...) -> None: ...

class CancelVisitRequest(_message.Message):
    __slots__ = ("site", "visit_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    VISIT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    visit_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., visit_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelVisitResponse(_message.Message):
    __slots__ = ("visit",)
    VISIT_FIELD_NUMBER: _ClassVar[int]
    visit: Visit
    def __init__(self, visit: _Optional[_Union[Visit, _Mapping]] = ...) -> None: ...

class ListVisitsRequest(_message.Message):
    __slots__ = ("site", "from_ms", "to_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    from_ms: int
    to_ms: int
    def __init__(self, site: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ...) -> None: ...

class ListVisitsResponse(_message.Message):
    __slots__ = ("visits",)
    VISITS_FIELD_NUMBER: _ClassVar[int]
    visits: _containers.RepeatedCompositeFieldContainer[Visit]
    def __init__(self, visits: _Optional[_Iterable[_Union[Visit, _Mapping]]] = ...) -> None: ...

class ImportCardholdersRequest(_message.Message):
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

class ImportCardholdersResponse(_message.Message):
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

class WatchSubjectsRequest(_message.Message):
    __slots__ = ("site", "lane", "cursor")
    SITE_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    site: str
    lane: FeedLane
    cursor: FeedCursor
    def __init__(self, site: _Optional[str] = ..., lane: _Optional[_Union[FeedLane, str]] = ..., cursor: _Optional[_Union[FeedCursor, _Mapping]] = ...) -> None: ...

class SubjectChange(_message.Message):
    __slots__ = ("subject_id", "version", "removed", "category", "home_site", "groups", "credentials", "facts", "list_entries", "visits", "pin_verifier", "duress_verifier", "photo_ref")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    HOME_SITE_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    LIST_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    VISITS_FIELD_NUMBER: _ClassVar[int]
    PIN_VERIFIER_FIELD_NUMBER: _ClassVar[int]
    DURESS_VERIFIER_FIELD_NUMBER: _ClassVar[int]
    PHOTO_REF_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    version: int
    removed: bool
    category: str
    home_site: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    credentials: _containers.RepeatedCompositeFieldContainer[Credential]
    facts: _containers.RepeatedCompositeFieldContainer[Fact]
    list_entries: _containers.RepeatedCompositeFieldContainer[ListEntry]
    visits: _containers.RepeatedCompositeFieldContainer[Visit]
    pin_verifier: bytes
    duress_verifier: bytes
    photo_ref: str
    def __init__(self, subject_id: _Optional[str] = ..., version: _Optional[int] = ..., removed: _Optional[bool] = ..., category: _Optional[str] = ..., home_site: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., credentials: _Optional[_Iterable[_Union[Credential, _Mapping]]] = ..., facts: _Optional[_Iterable[_Union[Fact, _Mapping]]] = ..., list_entries: _Optional[_Iterable[_Union[ListEntry, _Mapping]]] = ..., visits: _Optional[_Iterable[_Union[Visit, _Mapping]]] = ..., pin_verifier: _Optional[bytes] = ..., duress_verifier: _Optional[bytes] = ..., photo_ref: _Optional[str] = ...) -> None: ...

class WatchSubjectsResponse(_message.Message):
    __slots__ = ("changes", "cursor", "caught_up")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[SubjectChange]
    cursor: FeedCursor
    caught_up: bool
    def __init__(self, changes: _Optional[_Iterable[_Union[SubjectChange, _Mapping]]] = ..., cursor: _Optional[_Union[FeedCursor, _Mapping]] = ..., caught_up: _Optional[bool] = ...) -> None: ...
