"""From whatever a servicer raised to the status its caller gets."""

import uuid

import grpc
import structlog

from menshen_servicekit.faults import fault_fields
from menshen_servicekit.postgres import SLOW, UNFIT
from menshen_servicekit.status import DomainError, RpcStatus, Trouble, status_of

_log = structlog.get_logger(__name__)


NO_RETRY = (("grpc-retry-pushback-ms", "-1"),)
"""Asks the client's channel not to repeat a call by itself: it may have taken effect before the store went away."""


def answer_to(error: BaseException, method: str, outages: tuple[type[Exception], ...]) -> RpcStatus:
    """The status for `error`. An unexpected one is INTERNAL with an opaque id, under which the log tells where it was.

    A group is what its first domain error says, so that a servicer may read and write in a TaskGroup.
    """
    known = _domain_error(error)
    if known is not None:
        return status_of(known)
    if isinstance(error, (TimeoutError, *SLOW)):
        return status_of(DomainError(Trouble.DEADLINE, "DEADLINE", "处理超时", "the call took longer than allowed"))
    if isinstance(error, outages):
        _log.warning("store_away", method=method, **fault_fields(error))
        status = status_of(DomainError(Trouble.UNAVAILABLE, "STORE_AWAY", "存储暂不可用", "a store is not reachable"))
        return RpcStatus(status.code, status.details, (*status.trailing_metadata, *NO_RETRY))
    if isinstance(error, UNFIT):
        _log.warning("value_unfit", method=method, **fault_fields(error))
        return status_of(
            DomainError(
                Trouble.INVALID,
                "VALUE_UNFIT",
                "请求中有无法存储的值",
                "the request holds a value that cannot be stored",
            )
        )
    fault_id = uuid.uuid4().hex
    _log.error("call_failed", method=method, fault_id=fault_id, **fault_fields(error))
    return status_of(
        DomainError(Trouble.INTERNAL, "INTERNAL", f"内部错误,编号 {fault_id}", f"internal error, reference {fault_id}")
    )


def abort_in(error: BaseException) -> grpc.aio.AbortError | None:
    """The very exception by which `context.abort` left the servicer, alone or inside a group: gRPC insists on it."""
    if isinstance(error, grpc.aio.AbortError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(abort_in, error.exceptions)), None)
    return None


def _domain_error(error: BaseException) -> DomainError | None:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(_domain_error, error.exceptions)), None)
    return None
