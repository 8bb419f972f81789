"""Decide: one presentation, one answer, with texts."""

from typing import Any

from menshen.access.v1 import access_pb2
from menshen_servicekit.clock import Clock
from menshen_servicekit.identity import Role, caller_of
from menshen_servicekit.status import DomainError, Trouble

from menshen_access.deciding import Deciding, decide_once
from menshen_access.domain.asking import Cause, Undecided
from menshen_access.events_in import held_to
from menshen_access.rpc.convert import MalformedError, asked_of, told_decision
from menshen_access.site_views import SiteViews

_TROUBLES = {
    Cause.BACKPRESSURE: Trouble.BACKPRESSURE,
    Cause.NOT_READY: Trouble.NOT_READY,
    Cause.STORE_AWAY: Trouble.UNAVAILABLE,
    Cause.CLOCK: Trouble.UNAVAILABLE,
    Cause.INVALID: Trouble.INVALID,
}


class DecideCall:
    """The unary call. What was not decided becomes a status; a denial is an answer."""

    def __init__(self, deciding: Deciding, views: SiteViews, clock: Clock) -> None:
        self._deciding = deciding
        self._views = views
        self._clock = clock

    async def __call__(self, request: access_pb2.DecideRequest, context: Any) -> access_pb2.DecideResponse:
        if not self._views.serves(request.site):
            raise DomainError(Trouble.NOT_FOUND, "SITE_UNKNOWN", "未知校区", "this service does not serve the site")
        caller = caller_of(context)
        name = caller.name if caller is not None and caller.role is Role.AGENT else ""
        try:
            asked = asked_of(request.site, name, request.presentation)
        except MalformedError as error:
            raise DomainError(Trouble.INVALID, "PRESENTATION_INVALID", f"请求无效：{error}", str(error)) from error
        answer = await decide_once(self._deciding, held_to(asked, self._clock.now_ms()))
        if isinstance(answer, Undecided):
            code, detail = f"NOT_DECIDED_{answer.cause.name}", answer.detail
            raise DomainError(_TROUBLES[answer.cause], code, "中心未能判定", f"not decided: {detail}")
        return access_pb2.DecideResponse(decision=told_decision(answer))
