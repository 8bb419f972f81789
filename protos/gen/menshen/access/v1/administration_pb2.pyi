from menshen.access.v1 import decision_pb2 as _decision_pb2
from menshen.access.v1 import guarded_change_pb2 as _guarded_change_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FindingSeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINDING_SEVERITY_UNSPECIFIED: _ClassVar[FindingSeverity]
    FINDING_SEVERITY_WARNING: _ClassVar[FindingSeverity]
    FINDING_SEVERITY_ERROR: _ClassVar[FindingSeverity]

class PolicyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_STATE_UNSPECIFIED: _ClassVar[PolicyState]
    POLICY_STATE_DRAFT: _ClassVar[PolicyState]
    POLICY_STATE_CHECKED: _ClassVar[PolicyState]
    POLICY_STATE_APPROVED: _ClassVar[PolicyState]
    POLICY_STATE_SCHEDULED: _ClassVar[PolicyState]
    POLICY_STATE_ACTIVE: _ClassVar[PolicyState]
    POLICY_STATE_SUPERSEDED: _ClassVar[PolicyState]
    POLICY_STATE_REJECTED: _ClassVar[PolicyState]
    POLICY_STATE_WITHDRAWN: _ClassVar[PolicyState]

class PolicyAct(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_ACT_UNSPECIFIED: _ClassVar[PolicyAct]
    POLICY_ACT_DRAFT: _ClassVar[PolicyAct]
    POLICY_ACT_REVISE: _ClassVar[PolicyAct]
    POLICY_ACT_CHECK: _ClassVar[PolicyAct]
    POLICY_ACT_APPROVE: _ClassVar[PolicyAct]
    POLICY_ACT_REJECT: _ClassVar[PolicyAct]
    POLICY_ACT_SCHEDULE: _ClassVar[PolicyAct]
    POLICY_ACT_WITHDRAW: _ClassVar[PolicyAct]
    POLICY_ACT_ACTIVATE: _ClassVar[PolicyAct]
    POLICY_ACT_TAKE_FORCE: _ClassVar[PolicyAct]
    POLICY_ACT_ROLL_BACK: _ClassVar[PolicyAct]
    POLICY_ACT_SECOND_APPROVE: _ClassVar[PolicyAct]

class SecuredState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SECURED_STATE_UNSPECIFIED: _ClassVar[SecuredState]
    SECURED_STATE_SECURED: _ClassVar[SecuredState]
    SECURED_STATE_NOT_SECURED: _ClassVar[SecuredState]
    SECURED_STATE_SILENT: _ClassVar[SecuredState]

class OperatorCommand(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPERATOR_COMMAND_UNSPECIFIED: _ClassVar[OperatorCommand]
    OPERATOR_COMMAND_PULSE: _ClassVar[OperatorCommand]
    OPERATOR_COMMAND_HOLD_OPEN: _ClassVar[OperatorCommand]
    OPERATOR_COMMAND_SECURE: _ClassVar[OperatorCommand]
    OPERATOR_COMMAND_RESTORE: _ClassVar[OperatorCommand]

class NotActedCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOT_ACTED_CAUSE_UNSPECIFIED: _ClassVar[NotActedCause]
    NOT_ACTED_CAUSE_AGENT_AWAY: _ClassVar[NotActedCause]
    NOT_ACTED_CAUSE_NO_CONFIRMATION: _ClassVar[NotActedCause]
    NOT_ACTED_CAUSE_REFUSED: _ClassVar[NotActedCause]
    NOT_ACTED_CAUSE_OVERRULED: _ClassVar[NotActedCause]
FINDING_SEVERITY_UNSPECIFIED: FindingSeverity
FINDING_SEVERITY_WARNING: FindingSeverity
FINDING_SEVERITY_ERROR: FindingSeverity
POLICY_STATE_UNSPECIFIED: PolicyState
POLICY_STATE_DRAFT: PolicyState
POLICY_STATE_CHECKED: PolicyState
POLICY_STATE_APPROVED: PolicyState
POLICY_STATE_SCHEDULED: PolicyState
POLICY_STATE_ACTIVE: PolicyState
POLICY_STATE_SUPERSEDED: PolicyState
POLICY_STATE_REJECTED: PolicyState
POLICY_STATE_WITHDRAWN: PolicyState
POLICY_ACT_UNSPECIFIED: PolicyAct
POLICY_ACT_DRAFT: PolicyAct
POLICY_ACT_REVISE: PolicyAct
POLICY_ACT_CHECK: PolicyAct
POLICY_ACT_APPROVE: PolicyAct
POLICY_ACT_REJECT: PolicyAct
POLICY_ACT_SCHEDULE: PolicyAct
POLICY_ACT_WITHDRAW: PolicyAct
POLICY_ACT_ACTIVATE: PolicyAct
POLICY_ACT_TAKE_FORCE: PolicyAct
POLICY_ACT_ROLL_BACK: PolicyAct
POLICY_ACT_SECOND_APPROVE: PolicyAct
SECURED_STATE_UNSPECIFIED: SecuredState
SECURED_STATE_SECURED: SecuredState
SECURED_STATE_NOT_SECURED: SecuredState
SECURED_STATE_SILENT: SecuredState
OPERATOR_COMMAND_UNSPECIFIED: OperatorCommand
OPERATOR_COMMAND_PULSE: OperatorCommand
OPERATOR_COMMAND_HOLD_OPEN: OperatorCommand
OPERATOR_COMMAND_SECURE: OperatorCommand
OPERATOR_COMMAND_RESTORE: OperatorCommand
NOT_ACTED_CAUSE_UNSPECIFIED: NotActedCause
NOT_ACTED_CAUSE_AGENT_AWAY: NotActedCause
NOT_ACTED_CAUSE_NO_CONFIRMATION: NotActedCause
NOT_ACTED_CAUSE_REFUSED: NotActedCause
NOT_ACTED_CAUSE_OVERRULED: NotActedCause

class PutPlanRequest(_message.Message):
    __slots__ = ("site", "document", "expected_version", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    document: str
    expected_version: int
    reason: str
    def __init__(self, site: _Optional[str] = ..., document: _Optional[str] = ..., expected_version: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class PutPlanResponse(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    def __init__(self, version: _Optional[int] = ...) -> None: ...

class GetPlanRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class GetPlanResponse(_message.Message):
    __slots__ = ("version", "document")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    version: int
    document: str
    def __init__(self, version: _Optional[int] = ..., document: _Optional[str] = ...) -> None: ...

class Assignment(_message.Message):
    __slots__ = ("assignment_id", "subject_id", "group", "access_level", "from_ms", "to_ms", "reason", "grantor")
    ASSIGNMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    ACCESS_LEVEL_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GRANTOR_FIELD_NUMBER: _ClassVar[int]
    assignment_id: str
    subject_id: str
    group: str
    access_level: str
    from_ms: int
    to_ms: int
    reason: str
    grantor: str
    def __init__(self, assignment_id: _Optional[str] = ..., subject_id: _Optional[str] = ..., group: _Optional[str] = ..., access_level: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., reason: _Optional[str] = ..., grantor: _Optional[str] = ...) -> None: ...

class AssignAccessLevelRequest(_message.Message):
    __slots__ = ("site", "assignment")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    site: str
    assignment: Assignment
    def __init__(self, site: _Optional[str] = ..., assignment: _Optional[_Union[Assignment, _Mapping]] = ...) -> None: ...

class AssignAccessLevelResponse(_message.Message):
    __slots__ = ("assignment",)
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    assignment: Assignment
    def __init__(self, assignment: _Optional[_Union[Assignment, _Mapping]] = ...) -> None: ...

class RevokeAccessLevelRequest(_message.Message):
    __slots__ = ("site", "assignment_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    assignment_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., assignment_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RevokeAccessLevelResponse(_message.Message):
    __slots__ = ("assignment",)
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    assignment: Assignment
    def __init__(self, assignment: _Optional[_Union[Assignment, _Mapping]] = ...) -> None: ...

class ListAssignmentsRequest(_message.Message):
    __slots__ = ("site", "subject_id", "group", "page_size", "page_token")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    site: str
    subject_id: str
    group: str
    page_size: int
    page_token: str
    def __init__(self, site: _Optional[str] = ..., subject_id: _Optional[str] = ..., group: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAssignmentsResponse(_message.Message):
    __slots__ = ("assignments", "next_page_token")
    ASSIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    assignments: _containers.RepeatedCompositeFieldContainer[Assignment]
    next_page_token: str
    def __init__(self, assignments: _Optional[_Iterable[_Union[Assignment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DocumentFault(_message.Message):
    __slots__ = ("path", "line", "expected_zh", "expected_en")
    PATH_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ZH_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_EN_FIELD_NUMBER: _ClassVar[int]
    path: str
    line: int
    expected_zh: str
    expected_en: str
    def __init__(self, path: _Optional[str] = ..., line: _Optional[int] = ..., expected_zh: _Optional[str] = ..., expected_en: _Optional[str] = ...) -> None: ...

class FactSource(_message.Message):
    __slots__ = ("source", "facts")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    source: str
    facts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, source: _Optional[str] = ..., facts: _Optional[_Iterable[str]] = ...) -> None: ...

class ValidatePolicyRequest(_message.Message):
    __slots__ = ("site", "document", "fact_sources", "measured_facts")
    SITE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FACT_SOURCES_FIELD_NUMBER: _ClassVar[int]
    MEASURED_FACTS_FIELD_NUMBER: _ClassVar[int]
    site: str
    document: str
    fact_sources: _containers.RepeatedCompositeFieldContainer[FactSource]
    measured_facts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, site: _Optional[str] = ..., document: _Optional[str] = ..., fact_sources: _Optional[_Iterable[_Union[FactSource, _Mapping]]] = ..., measured_facts: _Optional[_Iterable[str]] = ...) -> None: ...

class PolicyFinding(_message.Message):
    __slots__ = ("severity", "code", "path", "line", "sentence_zh", "sentence_en", "standing")
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_ZH_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_EN_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    severity: FindingSeverity
    code: str
    path: str
    line: int
    sentence_zh: str
    sentence_en: str
    standing: bool
    def __init__(self, severity: _Optional[_Union[FindingSeverity, str]] = ..., code: _Optional[str] = ..., path: _Optional[str] = ..., line: _Optional[int] = ..., sentence_zh: _Optional[str] = ..., sentence_en: _Optional[str] = ..., standing: _Optional[bool] = ...) -> None: ...

class ValidatePolicyResponse(_message.Message):
    __slots__ = ("faults", "findings")
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    faults: _containers.RepeatedCompositeFieldContainer[DocumentFault]
    findings: _containers.RepeatedCompositeFieldContainer[PolicyFinding]
    def __init__(self, faults: _Optional[_Iterable[_Union[DocumentFault, _Mapping]]] = ..., findings: _Optional[_Iterable[_Union[PolicyFinding, _Mapping]]] = ...) -> None: ...

class ActivatePolicyRequest(_message.Message):
    __slots__ = ("site", "document", "from_ms", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    document: str
    from_ms: int
    reason: str
    def __init__(self, site: _Optional[str] = ..., document: _Optional[str] = ..., from_ms: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class ActivatePolicyResponse(_message.Message):
    __slots__ = ("plan_version", "policy")
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    plan_version: int
    policy: Policy
    def __init__(self, plan_version: _Optional[int] = ..., policy: _Optional[_Union[Policy, _Mapping]] = ...) -> None: ...

class PolicyTransition(_message.Message):
    __slots__ = ("number", "act", "before", "after", "who", "at_ms", "reason", "sha256", "loss")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    number: int
    act: PolicyAct
    before: PolicyState
    after: PolicyState
    who: str
    at_ms: int
    reason: str
    sha256: bytes
    loss: _guarded_change_pb2.Loss
    def __init__(self, number: _Optional[int] = ..., act: _Optional[_Union[PolicyAct, str]] = ..., before: _Optional[_Union[PolicyState, str]] = ..., after: _Optional[_Union[PolicyState, str]] = ..., who: _Optional[str] = ..., at_ms: _Optional[int] = ..., reason: _Optional[str] = ..., sha256: _Optional[bytes] = ..., loss: _Optional[_Union[_guarded_change_pb2.Loss, _Mapping]] = ...) -> None: ...

class Policy(_message.Message):
    __slots__ = ("policy_id", "from_ms", "to_ms", "title", "language", "document", "state", "in_force", "version", "sha256", "author", "revision")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    from_ms: int
    to_ms: int
    title: str
    language: int
    document: str
    state: PolicyState
    in_force: bool
    version: int
    sha256: bytes
    author: str
    revision: int
    def __init__(self, policy_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., title: _Optional[str] = ..., language: _Optional[int] = ..., document: _Optional[str] = ..., state: _Optional[_Union[PolicyState, str]] = ..., in_force: _Optional[bool] = ..., version: _Optional[int] = ..., sha256: _Optional[bytes] = ..., author: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class DraftPolicyRequest(_message.Message):
    __slots__ = ("site", "policy_id", "document", "expected_revision", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    document: str
    expected_revision: int
    reason: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ..., document: _Optional[str] = ..., expected_revision: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class DraftPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ...) -> None: ...

class CheckPolicyRequest(_message.Message):
    __slots__ = ("site", "policy_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CheckPolicyResponse(_message.Message):
    __slots__ = ("policy", "faults", "findings")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    faults: _containers.RepeatedCompositeFieldContainer[DocumentFault]
    findings: _containers.RepeatedCompositeFieldContainer[PolicyFinding]
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ..., faults: _Optional[_Iterable[_Union[DocumentFault, _Mapping]]] = ..., findings: _Optional[_Iterable[_Union[PolicyFinding, _Mapping]]] = ...) -> None: ...

class ApprovePolicyRequest(_message.Message):
    __slots__ = ("site", "policy_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ApprovePolicyResponse(_message.Message):
    __slots__ = ("policy", "loss")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    loss: _guarded_change_pb2.Loss
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ..., loss: _Optional[_Union[_guarded_change_pb2.Loss, _Mapping]] = ...) -> None: ...

class RejectPolicyRequest(_message.Message):
    __slots__ = ("site", "policy_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RejectPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ...) -> None: ...

class SchedulePolicyRequest(_message.Message):
    __slots__ = ("site", "policy_id", "from_ms", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    from_ms: int
    reason: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class SchedulePolicyResponse(_message.Message):
    __slots__ = ("policy", "plan_version")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    plan_version: int
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ..., plan_version: _Optional[int] = ...) -> None: ...

class WithdrawPolicyRequest(_message.Message):
    __slots__ = ("site", "policy_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class WithdrawPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ...) -> None: ...

class GetPolicyRequest(_message.Message):
    __slots__ = ("site", "policy_id")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ...) -> None: ...

class GetPolicyResponse(_message.Message):
    __slots__ = ("policy", "transitions")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    TRANSITIONS_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    transitions: _containers.RepeatedCompositeFieldContainer[PolicyTransition]
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ..., transitions: _Optional[_Iterable[_Union[PolicyTransition, _Mapping]]] = ...) -> None: ...

class ListPoliciesRequest(_message.Message):
    __slots__ = ("site", "states")
    SITE_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    site: str
    states: _containers.RepeatedScalarFieldContainer[PolicyState]
    def __init__(self, site: _Optional[str] = ..., states: _Optional[_Iterable[_Union[PolicyState, str]]] = ...) -> None: ...

class ListPoliciesResponse(_message.Message):
    __slots__ = ("policies",)
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedCompositeFieldContainer[Policy]
    def __init__(self, policies: _Optional[_Iterable[_Union[Policy, _Mapping]]] = ...) -> None: ...

class NoticeCursor(_message.Message):
    __slots__ = ("epoch", "position")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    position: int
    def __init__(self, epoch: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("position", "policy_id", "policy_version", "effective_ms", "put_at_ms", "late", "title_zh", "title_en", "text_zh", "text_en")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_MS_FIELD_NUMBER: _ClassVar[int]
    PUT_AT_MS_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    TITLE_ZH_FIELD_NUMBER: _ClassVar[int]
    TITLE_EN_FIELD_NUMBER: _ClassVar[int]
    TEXT_ZH_FIELD_NUMBER: _ClassVar[int]
    TEXT_EN_FIELD_NUMBER: _ClassVar[int]
    position: int
    policy_id: str
    policy_version: int
    effective_ms: int
    put_at_ms: int
    late: bool
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    def __init__(self, position: _Optional[int] = ..., policy_id: _Optional[str] = ..., policy_version: _Optional[int] = ..., effective_ms: _Optional[int] = ..., put_at_ms: _Optional[int] = ..., late: _Optional[bool] = ..., title_zh: _Optional[str] = ..., title_en: _Optional[str] = ..., text_zh: _Optional[str] = ..., text_en: _Optional[str] = ...) -> None: ...

class WatchNoticesRequest(_message.Message):
    __slots__ = ("site", "cursor", "until_now")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    UNTIL_NOW_FIELD_NUMBER: _ClassVar[int]
    site: str
    cursor: NoticeCursor
    until_now: bool
    def __init__(self, site: _Optional[str] = ..., cursor: _Optional[_Union[NoticeCursor, _Mapping]] = ..., until_now: _Optional[bool] = ...) -> None: ...

class WatchNoticesResponse(_message.Message):
    __slots__ = ("notices", "cursor")
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    notices: _containers.RepeatedCompositeFieldContainer[Notice]
    cursor: NoticeCursor
    def __init__(self, notices: _Optional[_Iterable[_Union[Notice, _Mapping]]] = ..., cursor: _Optional[_Union[NoticeCursor, _Mapping]] = ...) -> None: ...

class AcknowledgeNoticesRequest(_message.Message):
    __slots__ = ("site", "cursor")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    site: str
    cursor: NoticeCursor
    def __init__(self, site: _Optional[str] = ..., cursor: _Optional[_Union[NoticeCursor, _Mapping]] = ...) -> None: ...

class AcknowledgeNoticesResponse(_message.Message):
    __slots__ = ("acknowledged",)
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    acknowledged: int
    def __init__(self, acknowledged: _Optional[int] = ...) -> None: ...

class EmergencyClosure(_message.Message):
    __slots__ = ("closure_id", "access_point", "from_ms", "to_ms", "redirect", "closed_by", "reason", "ended_by", "end_reason", "approved_by", "approved_at_ms", "approval_reason", "alarmed_at_ms")
    CLOSURE_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    END_REASON_FIELD_NUMBER: _ClassVar[int]
    APPROVED_BY_FIELD_NUMBER: _ClassVar[int]
    APPROVED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_REASON_FIELD_NUMBER: _ClassVar[int]
    ALARMED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    closure_id: str
    access_point: str
    from_ms: int
    to_ms: int
    redirect: str
    closed_by: str
    reason: str
    ended_by: str
    end_reason: str
    approved_by: str
    approved_at_ms: int
    approval_reason: str
    alarmed_at_ms: int
    def __init__(self, closure_id: _Optional[str] = ..., access_point: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., redirect: _Optional[str] = ..., closed_by: _Optional[str] = ..., reason: _Optional[str] = ..., ended_by: _Optional[str] = ..., end_reason: _Optional[str] = ..., approved_by: _Optional[str] = ..., approved_at_ms: _Optional[int] = ..., approval_reason: _Optional[str] = ..., alarmed_at_ms: _Optional[int] = ...) -> None: ...

class CloseAccessPointRequest(_message.Message):
    __slots__ = ("site", "access_point", "duration_ms", "redirect", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    access_point: str
    duration_ms: int
    redirect: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., access_point: _Optional[str] = ..., duration_ms: _Optional[int] = ..., redirect: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CloseAccessPointResponse(_message.Message):
    __slots__ = ("closure",)
    CLOSURE_FIELD_NUMBER: _ClassVar[int]
    closure: EmergencyClosure
    def __init__(self, closure: _Optional[_Union[EmergencyClosure, _Mapping]] = ...) -> None: ...

class ReopenAccessPointRequest(_message.Message):
    __slots__ = ("site", "closure_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CLOSURE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    closure_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., closure_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReopenAccessPointResponse(_message.Message):
    __slots__ = ("closure",)
    CLOSURE_FIELD_NUMBER: _ClassVar[int]
    closure: EmergencyClosure
    def __init__(self, closure: _Optional[_Union[EmergencyClosure, _Mapping]] = ...) -> None: ...

class ApproveClosureRequest(_message.Message):
    __slots__ = ("site", "closure_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CLOSURE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    closure_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., closure_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ApproveClosureResponse(_message.Message):
    __slots__ = ("closure",)
    CLOSURE_FIELD_NUMBER: _ClassVar[int]
    closure: EmergencyClosure
    def __init__(self, closure: _Optional[_Union[EmergencyClosure, _Mapping]] = ...) -> None: ...

class ListClosuresRequest(_message.Message):
    __slots__ = ("site", "waiting")
    SITE_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    site: str
    waiting: bool
    def __init__(self, site: _Optional[str] = ..., waiting: _Optional[bool] = ...) -> None: ...

class ListClosuresResponse(_message.Message):
    __slots__ = ("closures",)
    CLOSURES_FIELD_NUMBER: _ClassVar[int]
    closures: _containers.RepeatedCompositeFieldContainer[EmergencyClosure]
    def __init__(self, closures: _Optional[_Iterable[_Union[EmergencyClosure, _Mapping]]] = ...) -> None: ...

class Hold(_message.Message):
    __slots__ = ("hold_id", "origin", "area", "access_point", "reason", "raised_at_ms", "doors")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RAISED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DOORS_FIELD_NUMBER: _ClassVar[int]
    hold_id: str
    origin: str
    area: str
    access_point: str
    reason: str
    raised_at_ms: int
    doors: _containers.RepeatedCompositeFieldContainer[DoorReport]
    def __init__(self, hold_id: _Optional[str] = ..., origin: _Optional[str] = ..., area: _Optional[str] = ..., access_point: _Optional[str] = ..., reason: _Optional[str] = ..., raised_at_ms: _Optional[int] = ..., doors: _Optional[_Iterable[_Union[DoorReport, _Mapping]]] = ...) -> None: ...

class DoorReport(_message.Message):
    __slots__ = ("door", "state", "reported_at_ms")
    DOOR_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REPORTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    door: str
    state: SecuredState
    reported_at_ms: int
    def __init__(self, door: _Optional[str] = ..., state: _Optional[_Union[SecuredState, str]] = ..., reported_at_ms: _Optional[int] = ...) -> None: ...

class ThreatLevel(_message.Message):
    __slots__ = ("area", "level", "origin", "reason", "set_at_ms")
    AREA_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SET_AT_MS_FIELD_NUMBER: _ClassVar[int]
    area: str
    level: int
    origin: str
    reason: str
    set_at_ms: int
    def __init__(self, area: _Optional[str] = ..., level: _Optional[int] = ..., origin: _Optional[str] = ..., reason: _Optional[str] = ..., set_at_ms: _Optional[int] = ...) -> None: ...

class SetThreatLevelRequest(_message.Message):
    __slots__ = ("site", "area", "level", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    area: str
    level: int
    reason: str
    def __init__(self, site: _Optional[str] = ..., area: _Optional[str] = ..., level: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class SetThreatLevelResponse(_message.Message):
    __slots__ = ("threat_level",)
    THREAT_LEVEL_FIELD_NUMBER: _ClassVar[int]
    threat_level: ThreatLevel
    def __init__(self, threat_level: _Optional[_Union[ThreatLevel, _Mapping]] = ...) -> None: ...

class ListThreatLevelsRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class ListThreatLevelsResponse(_message.Message):
    __slots__ = ("threat_levels",)
    THREAT_LEVELS_FIELD_NUMBER: _ClassVar[int]
    threat_levels: _containers.RepeatedCompositeFieldContainer[ThreatLevel]
    def __init__(self, threat_levels: _Optional[_Iterable[_Union[ThreatLevel, _Mapping]]] = ...) -> None: ...

class OperateAccessPointRequest(_message.Message):
    __slots__ = ("site", "access_point", "command", "until_ms", "reason", "request_id")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    site: str
    access_point: str
    command: OperatorCommand
    until_ms: int
    reason: str
    request_id: str
    def __init__(self, site: _Optional[str] = ..., access_point: _Optional[str] = ..., command: _Optional[_Union[OperatorCommand, str]] = ..., until_ms: _Optional[int] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class OperateAccessPointResponse(_message.Message):
    __slots__ = ("id", "acted", "acted_after_ms", "not_acted")
    ID_FIELD_NUMBER: _ClassVar[int]
    ACTED_FIELD_NUMBER: _ClassVar[int]
    ACTED_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    NOT_ACTED_FIELD_NUMBER: _ClassVar[int]
    id: str
    acted: bool
    acted_after_ms: int
    not_acted: NotActedCause
    def __init__(self, id: _Optional[str] = ..., acted: _Optional[bool] = ..., acted_after_ms: _Optional[int] = ..., not_acted: _Optional[_Union[NotActedCause, str]] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("order_id", "access_point", "kind", "origin", "reason", "given_at_ms", "until_ms", "doors")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GIVEN_AT_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    DOORS_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    access_point: str
    kind: _decision_pb2.OrderKind
    origin: str
    reason: str
    given_at_ms: int
    until_ms: int
    doors: _containers.RepeatedCompositeFieldContainer[DoorReport]
    def __init__(self, order_id: _Optional[str] = ..., access_point: _Optional[str] = ..., kind: _Optional[_Union[_decision_pb2.OrderKind, str]] = ..., origin: _Optional[str] = ..., reason: _Optional[str] = ..., given_at_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., doors: _Optional[_Iterable[_Union[DoorReport, _Mapping]]] = ...) -> None: ...

class ListOrdersRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class ListOrdersResponse(_message.Message):
    __slots__ = ("orders",)
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    orders: _containers.RepeatedCompositeFieldContainer[Order]
    def __init__(self, orders: _Optional[_Iterable[_Union[Order, _Mapping]]] = ...) -> None: ...

class RaiseHoldRequest(_message.Message):
    __slots__ = ("site", "area", "access_point", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    area: str
    access_point: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., area: _Optional[str] = ..., access_point: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RaiseHoldResponse(_message.Message):
    __slots__ = ("hold",)
    HOLD_FIELD_NUMBER: _ClassVar[int]
    hold: Hold
    def __init__(self, hold: _Optional[_Union[Hold, _Mapping]] = ...) -> None: ...

class ReleaseHoldRequest(_message.Message):
    __slots__ = ("site", "hold_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    hold_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., hold_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReleaseHoldResponse(_message.Message):
    __slots__ = ("hold",)
    HOLD_FIELD_NUMBER: _ClassVar[int]
    hold: Hold
    def __init__(self, hold: _Optional[_Union[Hold, _Mapping]] = ...) -> None: ...

class ListHoldsRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class ListHoldsResponse(_message.Message):
    __slots__ = ("holds",)
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    holds: _containers.RepeatedCompositeFieldContainer[Hold]
    def __init__(self, holds: _Optional[_Iterable[_Union[Hold, _Mapping]]] = ...) -> None: ...

class ForgivePresenceRequest(_message.Message):
    __slots__ = ("site", "areas", "subject_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    AREAS_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    areas: _containers.RepeatedScalarFieldContainer[str]
    subject_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., areas: _Optional[_Iterable[str]] = ..., subject_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ForgivePresenceResponse(_message.Message):
    __slots__ = ("forgiven",)
    FORGIVEN_FIELD_NUMBER: _ClassVar[int]
    forgiven: int
    def __init__(self, forgiven: _Optional[int] = ...) -> None: ...

class GetOccupancyRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class AreaOccupancy(_message.Message):
    __slots__ = ("area", "present", "reserved", "vehicles", "vehicles_reserved")
    AREA_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    RESERVED_FIELD_NUMBER: _ClassVar[int]
    VEHICLES_FIELD_NUMBER: _ClassVar[int]
    VEHICLES_RESERVED_FIELD_NUMBER: _ClassVar[int]
    area: str
    present: int
    reserved: int
    vehicles: int
    vehicles_reserved: int
    def __init__(self, area: _Optional[str] = ..., present: _Optional[int] = ..., reserved: _Optional[int] = ..., vehicles: _Optional[int] = ..., vehicles_reserved: _Optional[int] = ...) -> None: ...

class GetOccupancyResponse(_message.Message):
    __slots__ = ("areas",)
    AREAS_FIELD_NUMBER: _ClassVar[int]
    areas: _containers.RepeatedCompositeFieldContainer[AreaOccupancy]
    def __init__(self, areas: _Optional[_Iterable[_Union[AreaOccupancy, _Mapping]]] = ...) -> None: ...

class GetProjectionRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class GetProjectionResponse(_message.Message):
    __slots__ = ("subjects", "plan_version", "ready", "rebuilt", "recorder_lag", "feed_positions")
    class FeedPositionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    REBUILT_FIELD_NUMBER: _ClassVar[int]
    RECORDER_LAG_FIELD_NUMBER: _ClassVar[int]
    FEED_POSITIONS_FIELD_NUMBER: _ClassVar[int]
    subjects: int
    plan_version: int
    ready: bool
    rebuilt: float
    recorder_lag: int
    feed_positions: _containers.ScalarMap[str, int]
    def __init__(self, subjects: _Optional[int] = ..., plan_version: _Optional[int] = ..., ready: _Optional[bool] = ..., rebuilt: _Optional[float] = ..., recorder_lag: _Optional[int] = ..., feed_positions: _Optional[_Mapping[str, int]] = ...) -> None: ...
