"""A process built with servicekit, run by the tests of its life."""

import asyncio
import json
import sys
from typing import Any

import grpc
from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.identity import Role
from menshen_servicekit.lifecycle import Process, run
from menshen_servicekit.logs import get_logger
from menshen_servicekit.server import Service
from menshen_servicekit.settings import ProcessSettings

NAME = "menshen.test.v1.Notes"

log = get_logger("notes")


def note(text: str) -> bytes:
    return json.dumps({"text": text, "site": "north"}).encode()


class Notes:
    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping

    async def say(self, request: bytes, context: Any) -> bytes:
        log.info("slow_call_began")
        await self._stopping.wait()
        return request

    async def tell(self, request: bytes, context: Any) -> Any:
        yield note("hello")
        if json.loads(request)["text"] == "watch":
            await self._stopping.wait()
            yield note("goodbye")
        else:
            await asyncio.Event().wait()

    def add(self, server: Any) -> None:
        handlers: dict[str, Any] = {
            "Say": grpc.unary_unary_rpc_method_handler(self.say),
            "Tell": grpc.unary_stream_rpc_method_handler(self.tell),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(NAME, handlers),))
        server.add_registered_method_handlers(NAME, handlers)


def open_resource(process: Process[ProcessSettings], title: str) -> None:
    async def close() -> None:
        log.info("closed", resource=title)

    process.closer.push(title, close)


async def loop() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        log.info("loop_ended")


async def serve(process: Process[ProcessSettings]) -> None:
    open_resource(process, "first")
    open_resource(process, "second")
    process.tasks.keep("loop", loop)
    process.readiness.condition("set at once").set(True)
    table = AuthorizationTable({f"/{NAME}/{method}": [Allow(Role.AGENT)] for method in ("Say", "Tell")})
    await process.serve([Service(NAME, Notes(process.stopping).add)], table)


async def hang(process: Process[ProcessSettings]) -> None:
    open_resource(process, "first")
    log.info("hanging")
    await asyncio.Event().wait()


async def once(process: Process[ProcessSettings]) -> None:
    open_resource(process, "first")


async def fail(process: Process[ProcessSettings]) -> None:
    raise RuntimeError("13900001111")


if __name__ == "__main__":
    sys.exit(run("notes", ProcessSettings, serve, {"hang": hang, "once": once, "fail": fail}))
