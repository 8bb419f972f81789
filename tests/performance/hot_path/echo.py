"""The floor: a server that answers the same messages and does nothing else. A process of its own."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

import grpc
from menshen.access.v1 import access_pb2, access_pb2_grpc, decision_pb2
from menshen_servicekit.tls import TlsFiles, server_credentials

_DECISION = decision_pb2.Decision(
    outcome=decision_pb2.OUTCOME_GRANT,
    decided_at_ms=1_767_225_600_000,
    plan_version=1,
    subject_ids=["c:00000000-0000-7000-8000-000000000000"],
    subject_versions=[1],
    grant_expires_at_ms=1_767_225_608_000,
    kind=decision_pb2.EVENT_KIND_CENTRE,
)


class Echo(access_pb2_grpc.AccessServiceServicer):
    """Answers each presentation with a decision of the usual size; takes reports and says nothing."""

    async def Authorize(self, request_iterator: Any, context: Any) -> None:
        while (message := await context.read()) is not grpc.aio.EOF:
            body = message.WhichOneof("body")
            if body == "presentation":
                await context.write(access_pb2.AuthorizeResponse(decision=_answer(message.presentation.event_id)))
            elif body == "hello":
                await context.write(access_pb2.AuthorizeResponse(welcome=access_pb2.AgentWelcome()))

    async def Decide(self, request: access_pb2.DecideRequest, context: Any) -> access_pb2.DecideResponse:
        return access_pb2.DecideResponse(decision=_answer(request.presentation.event_id))


def _answer(event_id: str) -> decision_pb2.Decision:
    decision = decision_pb2.Decision()
    decision.CopyFrom(_DECISION)
    decision.event_id = event_id
    return decision


async def serve(tls: TlsFiles, address_file: Path) -> None:
    server = grpc.aio.server()
    access_pb2_grpc.add_AccessServiceServicer_to_server(Echo(), server)
    port = server.add_secure_port("127.0.0.1:0", server_credentials(tls))
    await server.start()
    part = address_file.with_suffix(".part")
    part.write_text(f"127.0.0.1:{port}")
    part.replace(address_file)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await server.stop(0.5)


if __name__ == "__main__":
    certificate, key, trust, address = map(Path, sys.argv[1:5])
    asyncio.run(serve(TlsFiles(certificate, key, trust), address))
