"""What a call may do and what becomes of it: shapes, failures, metrics, traces."""

import asyncio
import json
from typing import Any

import grpc
import pytest
from menshen_servicekit.interceptors.trace import trace_metadata
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble, domain_error_of
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind


async def refusal(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with asyncio.timeout(10):
            await call
    return caught.value


async def texts(stream: Any) -> list[str]:
    return [note.text async for note in stream]


async def test_every_call_shape_and_servicer_style_works(house: Any) -> None:
    async def say(request: Any, context: Any) -> Any:
        return request

    async def tell(request: Any, context: Any) -> Any:
        for word in request.text.split():
            yield house.note(text=word)

    async def gather(requests: Any, context: Any) -> Any:
        return house.note(text=" ".join(await texts(requests)))

    async def chat(requests: Any, context: Any) -> None:
        async for note in requests:
            await context.write(note)

    async def words() -> Any:
        for word in ("a", "b"):
            yield house.note(text=word)

    server = await house.serve(Say=say, Tell=tell, Gather=gather, Chat=chat)
    client = await house.client(server.address)

    assert (await client.say(house.note(text="a"), timeout=5)).text == "a"
    assert await texts(client.tell(house.note(text="a b"), timeout=5)) == ["a", "b"]
    assert (await client.gather(words(), timeout=5)).text == "a b"
    assert await texts(client.chat(words(), timeout=5)) == ["a", "b"]


async def test_a_domain_error_arrives_whole(house: Any) -> None:
    raised = DomainError(
        Trouble.INVALID,
        "WINDOW_REVERSED",
        "结束早于开始",
        "the window ends before it starts",
        [FieldTrouble("window.until_ms", "应晚于 from_ms", "expected later than from_ms")],
    )

    async def say(request: Any, context: Any) -> Any:
        raise raised

    server = await house.serve(Say=say)
    client = await house.client(server.address)

    error = await refusal(client.say(house.note(), timeout=5))
    arrived = domain_error_of(error)

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "the window ends before it starts"
    assert (arrived.trouble, arrived.code, arrived.message_zh, arrived.message_en, arrived.fields) == (
        raised.trouble,
        raised.code,
        raised.message_zh,
        raised.message_en,
        raised.fields,
    )


@pytest.mark.parametrize("shape", ["say", "tell", "chat"])
async def test_an_unexpected_exception_is_internal_with_an_id_and_its_text_stays_inside(
    house: Any, shape: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(request: Any, context: Any) -> Any:
        raise KeyError("04A1B2C3D4")

    server = await house.serve(Say=fail, Tell=fail, Chat=fail)
    client = await house.client(server.address)
    call = getattr(client, shape)

    error = await refusal(call(house.note(), timeout=5) if shape == "say" else open_stream(call, shape, house))

    assert error.code() is grpc.StatusCode.INTERNAL
    assert "04A1B2C3D4" not in str(error.details())
    fault_id = str(error.details()).rpartition(" ")[2]
    assert len(fault_id) == 32


async def open_stream(call: Any, shape: str, house: Any) -> Any:
    stream = call(house.note(), timeout=5) if shape == "tell" else call(timeout=5)
    return await stream.read()


async def test_the_log_of_an_unexpected_exception_has_its_place_and_not_its_text(house: Any, kit_log: Any) -> None:
    async def fail(request: Any, context: Any) -> Any:
        raise KeyError("04A1B2C3D4")

    server = await house.serve(Say=fail)
    client = await house.client(server.address)

    error = await refusal(client.say(house.note(), timeout=5))

    (line,) = [json.loads(line) for line in kit_log.getvalue().splitlines()]
    assert line["event"] == "call_failed"
    assert line["fault_id"] in str(error.details())
    assert line["fault"] == "KeyError"
    assert line["frames"][-1].endswith(" fail")
    assert "04A1B2C3D4" not in kit_log.getvalue()


async def test_a_store_that_is_away_is_unavailable_and_not_repeated_by_the_channel(house: Any) -> None:
    calls = 0

    async def say(request: Any, context: Any) -> Any:
        nonlocal calls
        calls += 1
        raise ConnectionRefusedError

    server = await house.serve(Say=say)
    client = await house.client(server.address, retry=True)

    error = await refusal(client.say(house.note(), timeout=5))

    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert domain_error_of(error).code == "STORE_AWAY"
    assert calls == 1


async def test_a_channel_repeats_a_call_that_was_unavailable(house: Any) -> None:
    calls = 0

    async def say(request: Any, context: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise DomainError(Trouble.NOT_READY, "NOT_READY", "未就绪", "not ready")
        return request

    server = await house.serve(Say=say)
    client = await house.client(server.address, retry=True)

    answer = await client.say(house.note(text="third"), timeout=5)

    assert (answer.text, calls) == ("third", 3)


async def test_calls_are_counted_by_method_and_code(house: Any) -> None:
    async def say(request: Any, context: Any) -> Any:
        if request.text == "bad":
            raise DomainError(Trouble.NOT_FOUND, "NO_SUCH", "不存在", "no such thing")
        return request

    server = await house.serve(Say=say)
    client = await house.client(server.address)

    await client.say(house.note(text="good"), timeout=5)
    await refusal(client.say(house.note(text="bad"), timeout=5))
    await refusal(client.say(house.note(site="east"), timeout=5))

    method = f"/{house.service}/Say"
    value = house.metrics.registry.get_sample_value
    assert value("menshen_rpc_total", {"method": method, "code": "OK"}) == 1
    assert value("menshen_rpc_total", {"method": method, "code": "NOT_FOUND"}) == 1
    assert value("menshen_rpc_total", {"method": method, "code": "PERMISSION_DENIED"}) == 1
    assert value("menshen_rpc_denied_total", {"method": method, "reason": "FOREIGN_SITE"}) == 1
    assert value("menshen_rpc_seconds_count", {"method": method}) == 3


async def test_a_trace_goes_on_from_the_callers_span(house: Any) -> None:
    exported = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    tracer = provider.get_tracer("test")

    async def say(request: Any, context: Any) -> Any:
        return request

    server = await house.serve(options={"tracer": tracer}, Say=say)
    client = await house.client(server.address)
    with tracer.start_as_current_span("caller") as outer:
        await client.say(house.note(), timeout=5, metadata=trace_metadata())

    (span,) = [span for span in exported.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert span.name == f"{house.service}/Say"
    assert span.parent is not None
    assert span.parent.span_id == outer.get_span_context().span_id
    provider.shutdown()
