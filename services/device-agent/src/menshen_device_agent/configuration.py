"""The agent's YAML file: it binds ports and addresses to registered doors and access points, and nothing else.

Every fault is reported at once, each with its path in the file and what was expected, in Chinese and English.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from menshen_device_agent.bindings import (
    BoardBinding,
    Configuration,
    DoorBinding,
    PortBinding,
    ReaderBinding,
    ZoneBinding,
)
from menshen_device_agent.model.door import DoorTimes


@dataclass(frozen=True, slots=True)
class ConfigurationFault:
    """One fault; `path` is like doors.south-1.board."""

    path: str
    expected_zh: str
    expected_en: str

    def __str__(self) -> str:
        return f"{self.path}: {self.expected_zh} / {self.expected_en}"


class ConfigurationError(Exception):
    """Everything wrong with a file."""

    def __init__(self, faults: tuple[ConfigurationFault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


T = TypeVar("T")

READER_PROTOCOLS = ("osdp", "uhfreader288")


@dataclass(slots=True)
class _Reading:
    """One mapping of the file under inspection, collecting faults."""

    path: str
    values: Mapping[str, Any]
    faults: list[ConfigurationFault]
    seen: set[str] = field(default_factory=set)

    def fault(self, key: str, zh: str, en: str) -> None:
        self.faults.append(ConfigurationFault(f"{self.path}.{key}".strip("."), f"应为{zh}", f"expected {en}"))

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if isinstance(value, str) and value:
            return value
        self.fault(key, "文字", "text")
        return ""

    def number(self, key: str, default: int | None = None, least: int = 0, most: int = 10_000_000) -> int:
        value = self._take(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.fault(key, f"{least} 至 {most} 的整数", f"a whole number from {least} to {most}")
        return least

    def optional_number(self, key: str) -> int | None:
        return None if self._take(key, None) is None else self.number(key, most=255)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._take(key, default)
        if isinstance(value, bool):
            return value
        self.fault(key, " true 或 false", "true or false")
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._take(key, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        self.fault(key, "文字列表", "a list of texts")
        return ()

    def one_of(self, key: str, choices: tuple[str, ...]) -> str:
        value = self._take(key, None)
        if value in choices:
            return str(value)
        self.fault(key, " " + "、".join(choices) + " 之一", "one of " + ", ".join(choices))
        return choices[0]

    def reference(self, key: str, known: Mapping[str, object], kind: str) -> str:
        name = self.text(key)
        if name and name not in known:
            self.fault(key, f"已声明的 {kind}", f"a declared {kind}")
        return name

    def sections(self, key: str) -> Mapping[str, "_Reading"]:
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, dict) for item in value.values()):
            self.fault(key, "名称到设置的映射", "a mapping of names to settings")
            return {}
        prefix = f"{self.path}.{key}".strip(".")
        return {str(name): _Reading(f"{prefix}.{name}", item, self.faults) for name, item in value.items()}

    def end(self) -> None:
        """Refuse what nobody asked for: most often a misspelling."""
        for key in sorted(set(map(str, self.values)) - self.seen):
            self.fault(key, "已知的键", "a known key")

    def _take(self, key: str, default: Any) -> Any:
        self.seen.add(key)
        return self.values.get(key, default)


def read_configuration(text: str, folder: Path) -> Configuration:
    """Parse the file's text; relative paths in it start at `folder`. Raises ConfigurationError with every fault."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        raise ConfigurationError((ConfigurationFault(where, "应为有效的 YAML", "expected valid YAML"),)) from None
    if not isinstance(document, dict):
        raise ConfigurationError((ConfigurationFault("file", "应为映射", "expected a mapping"),))
    faults: list[ConfigurationFault] = []
    configuration = _whole(_Reading("", document, faults), folder)
    if not faults:
        faults = _contradictions(configuration)
    if faults:
        raise ConfigurationError(tuple(faults))
    return configuration


def _whole(top: _Reading, folder: Path) -> Configuration:
    site, agent = top.text("site"), top.text("agent")
    ports = _each(top.sections("ports"), _port)
    boards = _each(top.sections("boards"), lambda name, part: _board(name, part, ports))
    doors = _each(top.sections("doors"), lambda name, part: _door(name, part, boards))
    readers = _each(top.sections("readers"), lambda name, part: _reader(name, part, ports, folder))
    zones = _each(top.sections("zones"), lambda name, part: _zone(name, part, boards, doors))
    top.end()
    return Configuration(site, agent, ports, readers, boards, doors, zones)


def _each(parts: Mapping[str, _Reading], build: Callable[[str, _Reading], T]) -> dict[str, T]:
    built = {}
    for name, part in parts.items():
        built[name] = build(name, part)
        part.end()
    return built


def _port(name: str, part: _Reading) -> PortBinding:
    return PortBinding(name, part.text("device"), part.number("baud", 115_200, least=1_200))


def _board(name: str, part: _Reading, ports: Mapping[str, PortBinding]) -> BoardBinding:
    port = part.reference("port", ports, "port")
    return BoardBinding(
        name,
        port,
        part.number("address", 1, 1, 247),
        part.number("inputs", 8, 1, 64),
        part.number("reply_ms", 100, 20, 1_000),
    )


def _reader(name: str, part: _Reading, ports: Mapping[str, PortBinding], folder: Path) -> ReaderBinding:
    protocol = part.one_of("protocol", READER_PROTOCOLS)
    return ReaderBinding(
        name=name,
        port=part.reference("port", ports, "port"),
        protocol=protocol,
        address=part.number("address", 0, 0, 254),
        access_point=part.text("access_point"),
        scbk_file=folder / part.text("scbk_file") if protocol == "osdp" else None,
        pin=part.flag("pin", default=False),
        is_exit=part.flag("exit", default=False),
    )


def _door(name: str, part: _Reading, boards: Mapping[str, BoardBinding]) -> DoorBinding:
    times = DoorTimes()
    return DoorBinding(
        name=name,
        board=part.reference("board", boards, "board"),
        barrier=part.flag("barrier", default=False),
        access_points=part.texts("access_points"),
        lock_relay=part.number("lock_relay", 0, most=63),
        pulse_ms=part.number("pulse_ms", 700, 100, 60_000),
        release_relay=part.optional_number("release_relay"),
        contact_input=part.optional_number("contact_input"),
        rex_input=part.optional_number("rex_input"),
        presence_input=part.optional_number("presence_input"),
        pass_input=part.optional_number("pass_input"),
        tamper_input=part.optional_number("tamper_input"),
        times=DoorTimes(
            grant_ms=part.number("grant_ms", times.grant_ms, 500, 600_000),
            held_ms=part.number("held_ms", times.held_ms, 1_000, 86_400_000),
            rex_ms=part.number("rex_ms", times.rex_ms, 500, 600_000),
            settle_ms=part.number("settle_ms", times.settle_ms, 0, 10_000),
        ),
        reverse_input=part.optional_number("reverse_input"),
        reverse_alarms=part.flag("reverse_alarms", default=True),
    )


def _zone(
    name: str, part: _Reading, boards: Mapping[str, BoardBinding], doors: Mapping[str, DoorBinding]
) -> ZoneBinding:
    wired = "board" in part.values
    named = part.texts("doors")
    for door in sorted(set(named) - set(doors)):
        part.fault("doors", f"已声明的 door（{door} 未声明）", f"declared doors ({door} is not)")
    return ZoneBinding(
        name=name,
        doors=named,
        board=part.reference("board", boards, "board") if wired else None,
        fire_input=part.number("fire_input", most=63) if wired else None,
        fault_input=part.optional_number("fault_input"),
        line_fault_releases=part.flag("line_fault_releases", default=True),
    )


def _contradictions(configuration: Configuration) -> list[ConfigurationFault]:
    return [*_reader_faults(configuration), *_door_faults(configuration)]


def _reader_faults(configuration: Configuration) -> list[ConfigurationFault]:
    points = configuration.access_points
    return [
        ConfigurationFault(
            f"readers.{reader.name}.access_point", "应为某个 door 的 access point", "expected an access point of a door"
        )
        for reader in configuration.readers.values()
        if reader.access_point not in points
    ]


def _door_faults(configuration: Configuration) -> list[ConfigurationFault]:
    faults, owners = [], dict[tuple[str, str, int], str]()
    for door in configuration.doors.values():
        for kind, number in _wires(door):
            owner = owners.setdefault((door.board, kind, number), door.name)
            if owner != door.name:
                faults.append(
                    ConfigurationFault(
                        f"doors.{door.name}",
                        f"{kind} {number} 已由 {owner} 占用",
                        f"{kind} {number} belongs to {owner}",
                    )
                )
    faults += [
        ConfigurationFault(
            f"doors.{door.name}.reverse_input",
            "只用于单一通行点的门：否则无从知道何为逆行",
            "expected only at a door of one access point: otherwise nothing says which way is against it",
        )
        for door in configuration.doors.values()
        if door.reverse_input is not None and len(door.access_points) != 1
    ]
    for zone in configuration.zones.values():
        faults += [
            ConfigurationFault(
                f"doors.{name}.release_relay",
                "消防区内的门须有保持型释放输出",
                "expected a maintained release output for a door of a fire zone",
            )
            for name in zone.doors
            if configuration.doors[name].release_relay is None
        ]
    return faults


def _wires(door: DoorBinding) -> list[tuple[str, int]]:
    inputs = (
        door.contact_input,
        door.rex_input,
        door.presence_input,
        door.pass_input,
        door.reverse_input,
        door.tamper_input,
    )
    relays = (door.lock_relay, door.release_relay)
    return [("input", n) for n in inputs if n is not None] + [("relay", n) for n in relays if n is not None]
