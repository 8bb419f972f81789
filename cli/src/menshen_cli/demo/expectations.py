"""What the scripted morning promises: every line is a named expectation with a deadline, in the end met or failed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum

import grpc


class State(Enum):
    """Where an expectation stands."""

    PENDING = "PENDING"
    MET = "MET"
    FAILED = "FAILED"


class UnmetError(Exception):
    """The suite did something else than the script expects; the text says what was expected and what came."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the script. Once its check begins it must be through within `deadline_s`."""

    key: str
    zh: str
    en: str
    deadline_s: float = 15.0


@dataclass(slots=True)
class Expectation:
    """A line and how it went: `measured` is the figure worth telling, `detail` why it failed."""

    line: Line
    state: State = State.PENDING
    measured: str = ""
    detail: str = ""
    took_s: float = 0.0

    def fail(self, detail: str) -> None:
        """Fail; the first failure is the one that is told."""
        if self.state is not State.FAILED:
            self.state, self.detail = State.FAILED, detail


@dataclass(slots=True)
class Expectations:
    """All lines of a play. `monotonic` gives seconds; `changed` is called whenever one is decided."""

    lines: Iterable[Line]
    monotonic: Callable[[], float]
    changed: Callable[[Expectation], None] = lambda _: None
    _by_key: dict[str, Expectation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_key = {line.key: Expectation(line) for line in self.lines}

    def __iter__(self) -> Iterator[Expectation]:
        return iter(self._by_key.values())

    def __getitem__(self, key: str) -> Expectation:
        return self._by_key[key]

    @property
    def all_met(self) -> bool:
        return all(expectation.state is State.MET for expectation in self._by_key.values())

    def count(self, state: State) -> int:
        """How many stand there."""
        return sum(expectation.state is state for expectation in self._by_key.values())

    @asynccontextmanager
    async def check(self, key: str) -> AsyncIterator[Expectation]:
        """Meet the expectation if the block ends in time and without trouble; whatever breaks in it fails this line.

        Only cancellation from outside leaves the block, with the line failed.
        """
        expectation = self._by_key[key]
        began = self.monotonic()
        try:
            async with asyncio.timeout(expectation.line.deadline_s):
                yield expectation
        except TimeoutError as trouble:
            expectation.fail(str(trouble) or f"nothing within {expectation.line.deadline_s:g} s")
        except asyncio.CancelledError:
            expectation.fail("the play ended first")
            raise
        except Exception as trouble:  # noqa: BLE001 -- a scene that breaks is a failed line, whatever broke it
            expectation.fail(_said(trouble))
        else:
            if expectation.state is State.PENDING:
                expectation.state = State.MET
        finally:
            expectation.took_s = self.monotonic() - began
            self.changed(expectation)

    def close(self) -> None:
        """Fail what was never checked: a promise nobody looked at is not kept."""
        for expectation in self._by_key.values():
            if expectation.state is State.PENDING:
                expectation.fail("was not played")


def require(condition: object, expected: str, found: object = "") -> None:
    """Raise UnmetError unless the condition holds."""
    if not condition:
        raise UnmetError(f"expected {expected}" + (f", found {found}" if found != "" else ""))


def _said(trouble: Exception) -> str:
    if isinstance(trouble, UnmetError):
        return str(trouble)
    if isinstance(trouble, grpc.aio.AioRpcError):
        return f"{trouble.code().name}: {trouble.details()}"
    if isinstance(trouble, ExceptionGroup):
        return "; ".join(_said(inner) for inner in trouble.exceptions if isinstance(inner, Exception))
    return f"{type(trouble).__name__}: {trouble}"
