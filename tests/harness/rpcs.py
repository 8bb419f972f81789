"""Every RPC a running process serves, learnt from its reflection service, and called with bytes as they are."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import Message
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from menshen_servicekit.status import DomainError, domain_error_of

REFLECTION = "grpc.reflection.v1alpha.ServerReflection"
_DEADLINE_S = 10.0


@dataclass(frozen=True)
class Rpc:
    """One RPC as its server describes it."""

    descriptor: MethodDescriptor

    @property
    def path(self) -> str:
        """The full method name, such as `/menshen.identity.v1.IdentityService/SetPin`."""
        return f"/{self.descriptor.containing_service.full_name}/{self.descriptor.name}"

    @property
    def request_type(self) -> Descriptor:
        return self.descriptor.input_type

    @property
    def answers_once(self) -> bool:
        return not self.descriptor.server_streaming

    def request(self, **fields: Any) -> Message:
        return message_factory.GetMessageClass(self.request_type)(**fields)

    def response(self, answer: "Answer") -> Any:
        """The message of an answer; fails with the error of one that has none."""
        assert answer.response is not None, (answer.code, answer.error)
        return message_factory.GetMessageClass(self.descriptor.output_type).FromString(answer.response)


@dataclass(frozen=True)
class Answer:
    """The status of a call, its first response, and what went wrong in the suite's own words."""

    code: grpc.StatusCode
    response: bytes | None = None
    error: DomainError | None = None
    details: str = ""


class Reflection:
    """A reflection stream to one server."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)

    async def service_names(self) -> list[str]:
        [answer] = await self._ask(reflection_pb2.ServerReflectionRequest(list_services="*"))
        return sorted(service.name for service in answer.list_services_response.service)

    async def files_of(self, service: str) -> list[descriptor_pb2.FileDescriptorProto]:
        """The file that describes a service, after every file it imports."""
        found: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        wanted = [reflection_pb2.ServerReflectionRequest(file_containing_symbol=service)]
        while wanted:
            for answer in await self._ask(*wanted):
                for data in answer.file_descriptor_response.file_descriptor_proto:
                    file = descriptor_pb2.FileDescriptorProto.FromString(data)
                    found[file.name] = file
            missing = {name for file in found.values() for name in file.dependency} - set(found)
            wanted = [reflection_pb2.ServerReflectionRequest(file_by_filename=name) for name in sorted(missing)]
        return _after_imports(found)

    async def rpcs(self, prefix: str = "menshen.") -> list[Rpc]:
        """Every RPC of the services whose name begins with `prefix`."""
        pool = descriptor_pool.DescriptorPool()
        names = [name for name in await self.service_names() if name.startswith(prefix)]
        for name in names:
            for file in await self.files_of(name):
                pool.Add(file)
        services = [pool.FindServiceByName(name) for name in names]
        return [Rpc(method) for service in services for method in service.methods]

    async def _ask(self, *requests: reflection_pb2.ServerReflectionRequest) -> list[Any]:
        return [answer async for answer in self._stub.ServerReflectionInfo(iter(requests), timeout=_DEADLINE_S)]


def _after_imports(files: dict[str, descriptor_pb2.FileDescriptorProto]) -> list[descriptor_pb2.FileDescriptorProto]:
    ordered: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def add(name: str) -> None:
        for imported in files[name].dependency:
            add(imported)
        ordered.setdefault(name, files[name])

    for name in sorted(files):
        add(name)
    return list(ordered.values())


async def ask(
    channel: grpc.aio.Channel, rpc: Rpc | str, request: Message | bytes, deadline_s: float | None = _DEADLINE_S
) -> Answer:
    """Call any shape of RPC with one message; the answer is its status, or OK with its first response.

    The message and the end of the requests leave together: a client that still writes while it is being refused would
    see its own failure to write instead of the refusal.
    """
    path = rpc if isinstance(rpc, str) else rpc.path
    data = request if isinstance(request, bytes) else request.SerializeToString()
    call: Any = channel.unary_stream(path)(data, timeout=deadline_s)
    try:
        response = await call.read()
        if response is grpc.aio.EOF:
            return Answer(await call.code())
        if isinstance(rpc, Rpc) and rpc.answers_once:
            await call.read()
        return Answer(grpc.StatusCode.OK, response)
    except grpc.aio.AioRpcError as error:
        return Answer(error.code(), None, domain_error_of(error), error.details() or "")
    finally:
        call.cancel()


async def ask_all(
    channel: grpc.aio.Channel, rpcs: Iterable[tuple[Rpc, Message | bytes]], deadline_s: float
) -> list[Answer]:
    """The answers to many calls made at once, in order."""
    return await asyncio.gather(*(ask(channel, rpc, request, deadline_s=deadline_s) for rpc, request in rpcs))
