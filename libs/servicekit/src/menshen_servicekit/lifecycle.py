"""How a process lives: `run` reads settings, starts, waits for a signal, and closes everything in reverse order."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import structlog
from opentelemetry.trace import Tracer

from menshen_servicekit.authorization import AuthorizationTable
from menshen_servicekit.clock import Clock, SystemClock
from menshen_servicekit.faults import fault_fields
from menshen_servicekit.front import Front
from menshen_servicekit.health import Readiness
from menshen_servicekit.logs import configure_logs
from menshen_servicekit.postgres import OUTAGES
from menshen_servicekit.server import ServerLimits, Service, build_server
from menshen_servicekit.settings import ProcessSettings, SettingsError, read_settings, unknown_variables
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics
from menshen_servicekit.tls import TlsFiles

CLOSE_TIMEOUT_S = 10.0

GC_THRESHOLDS = (50_000, 50, 100)
"""Messages are garbage without cycles: the default of 700 walks them for nothing. Measured on eight streams flat out:
1.4 times the decisions a second."""

S = TypeVar("S", bound=ProcessSettings)

_log = structlog.get_logger(__name__)


class Closer:
    """Closes what was opened, last first, each within its own time-out. A failure to close never stops the rest."""

    def __init__(self) -> None:
        self._open: list[tuple[str, Callable[[], Awaitable[Any]], float]] = []

    def push(self, title: str, close: Callable[[], Awaitable[Any]], timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        self._open.append((title, close, timeout_s))

    async def close(self) -> None:
        while self._open:
            title, close, timeout_s = self._open.pop()
            try:
                async with asyncio.timeout(timeout_s):
                    await close()
            except Exception as error:  # noqa: BLE001  (what opened before this one still has to be closed)
                _log.error("close_failed", resource=title, **fault_fields(error))


class Process(Generic[S]):
    """What a running process is given; constructors take what they need from it.

    `stopping` is set first at shutdown: servicers of endless streams watch it and return. Streams that do not return
    are ended with UNAVAILABLE. `tasks` end next, then what `closer` holds, last opened first.
    """

    def __init__(self, title: str, settings: S, clock: Clock) -> None:
        self.title = title
        self.settings = settings
        self.clock = clock
        self.metrics = Metrics()
        self.readiness = Readiness()
        self.tasks = Tasks(self.metrics)
        self.closer = Closer()
        self.stopping = asyncio.Event()
        self.is_serving = False

    @property
    def tls(self) -> TlsFiles:
        return TlsFiles(self.settings.certificate_file, self.settings.key_file, self.settings.trust_file)

    async def serve(
        self,
        services: Sequence[Service] = (),
        table: AuthorizationTable | None = None,
        *,
        limits: ServerLimits | None = None,
        outages: tuple[type[Exception], ...] = OUTAGES,
        tracer: Tracer | None = None,
    ) -> None:
        """Serve until `stopping` is set, then shut down in order. Without services there is no gRPC server.

        Health and metrics answer from the start, and so do calls: a servicer whose store is away raises one of
        `outages`, which its caller sees as UNAVAILABLE. The address file appears whenever the process is ready.
        """
        rpc = None
        if services:
            rpc = build_server(
                listen=self.settings.listen,
                tls=self.tls,
                services=services,
                table=table or AuthorizationTable({}),
                metrics=self.metrics,
                limits=limits,
                outages=outages,
                tracer=tracer,
            )
        names = tuple(service.name for service in services)
        self.is_serving = True
        async with Front(self.settings, self.readiness, self.metrics, self.stopping, rpc, names):
            await self.stopping.wait()
            _log.info("stopping")


Command = Callable[[Process[S]], Awaitable[None]]


def run(
    title: str,
    settings_class: type[S],
    serve: Command[S],
    commands: Mapping[str, Command[S]] | None = None,
    *,
    arguments: Sequence[str] | None = None,
) -> int:
    """The body of `python -m menshen_<title>`: returns the exit status.

    Without arguments `serve` runs; with one, the command of that name (`migrate`). 0: done, or stopped by a signal
    while serving; 1: failed or interrupted; 2: wrong arguments or settings, each problem on its own line of stderr.
    """
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    gc.set_threshold(*GC_THRESHOLDS)
    words = tuple(sys.argv[1:] if arguments is None else arguments)
    known: dict[tuple[str, ...], Command[S]] = {(): serve, **{(word,): work for word, work in (commands or {}).items()}}
    if words not in known:
        sys.stderr.write(f"usage: python -m menshen_{title} [{' | '.join(commands or {})}]\n")
        return 2
    try:
        settings = read_settings(settings_class)
    except SettingsError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        return 2
    configure_logs("-".join((title, *words)), settings.log_level)
    for variable in unknown_variables(settings_class):
        _log.warning("variable_not_read", variable=variable)
    return asyncio.run(live(title, settings, known[words]))


async def live(title: str, settings: S, command: Command[S], clock: Clock | None = None) -> int:
    """Run one command in this event loop with a process around it; the exit status as in `run`."""
    loop = asyncio.get_running_loop()
    process = Process(title, settings, clock or SystemClock())
    work = asyncio.ensure_future(command(process))

    def stop() -> None:
        process.stopping.set()
        if not process.is_serving:
            work.cancel()

    loop.set_exception_handler(_log_loop_fault)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        return await _outcome(work)
    finally:
        await process.tasks.close()
        await process.closer.close()
        _log.info("stopped")


async def _outcome(work: "asyncio.Future[None]") -> int:
    try:
        await work
    except asyncio.CancelledError:
        return 1
    except Exception as error:  # noqa: BLE001  (the last frame of a process: say what ended it and exit 1)
        _log.error("process_failed", **fault_fields(error))
        return 1
    return 0


def _log_loop_fault(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    fields = fault_fields(error) if isinstance(error, BaseException) else {}
    _log.error("loop_fault", **fields)
