"""Identity, as the office that keeps the credentials."""

from typing import Final

import grpc
from menshen.identity.v1 import identity_pb2
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub

from menshen_access.domain.retirements import Retired, Retirement

TIMEOUT_S: Final = 5.0


class IdentityOffice:
    """Implements retiring.Office."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = IdentityServiceStub(channel)

    async def retire(self, site: str, retired: Retired) -> Retirement | None:
        request = identity_pb2.RetireCredentialRequest(
            site=site,
            cardholder_id=retired.subject_id,
            credential_id=retired.credential_id,
            event_id=retired.event_id,
        )
        try:
            answer = int((await self._stub.RetireCredential(request, timeout=TIMEOUT_S)).retirement)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
                return None
            raise ConnectionError(f"identity did not take the retirement: {error.code().name}") from error
        return Retirement(answer) if answer in Retirement._value2member_map_ else Retirement.UNSPECIFIED
