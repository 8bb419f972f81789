"""Plan and policy documents as people write them: YAML or JSON, with the line of every fault.

Scalars are read as YAML 1.2 and JSON read them: `on` and `23:00` are texts. Anchors are refused: a
document says what it says where it says it.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from menshen_rulebook.mapping import DocumentInvalidError, Fault

MOST_BYTES: Final = 1_000_000
MOST_DEPTH: Final = 40

_INT: Final = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_STEP: Final = re.compile(r"(?P<part>[a-z_]+)\[(?P<place>\d+)\]")


@dataclass(frozen=True, slots=True)
class LineFault:
    """A fault with its line, from 1; 0 when the fault is not in the document's own text."""

    path: str
    line: int
    expected_zh: str
    expected_en: str


class DocumentFaultyError(ValueError):
    """The document has faults; nothing of it is used."""

    def __init__(self, faults: Iterable[LineFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} faults")


@dataclass(slots=True)
class Document:
    """A document as read: its plain mapping, and the line of every path in it."""

    plain: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def faulty(self, invalid: DocumentInvalidError) -> DocumentFaultyError:
        """The faults of a reader, each with its line: that of the path, or of the nearest one around it."""
        return DocumentFaultyError(self._at(fault) for fault in invalid.faults)

    def line_of(self, path: str) -> int:
        """The line of a path, or of the nearest one around it; 0 when nothing around it stands in the document."""
        while path and path not in self.lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 0)

    def _at(self, fault: Fault) -> LineFault:
        return LineFault(fault.path, self.line_of(fault.path), fault.expected_zh, fault.expected_en)


def read_document(text: str) -> Document:
    """Read a YAML or JSON mapping; DocumentFaultyError with the line for anything else."""
    if len(text.encode()) > MOST_BYTES:
        raise _fault("", 0, "不超过 1 MB 的文档", "a document of at most 1 MB")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _fault("", line, "合法的 YAML 或 JSON", "well-formed YAML or JSON") from None
    except (yaml.YAMLError, RecursionError):
        raise _fault("", 0, "合法的 YAML 或 JSON", "well-formed YAML or JSON") from None
    if not isinstance(root, yaml.MappingNode):
        raise _fault("", 1, "一个映射", "a mapping")
    reader = _Reader()
    plain = reader.mapping(root, "", 0)
    return Document(plain, reader.lines)


def _fault(path: str, line: int, zh: str, en: str) -> DocumentFaultyError:
    return DocumentFaultyError([LineFault(path, line, zh, en)])


class _Reader:
    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self._seen: set[int] = set()

    def mapping(self, node: yaml.MappingNode, path: str, depth: int) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _fault(path, line, "文本键", "a text as key")
            key = str(key_node.value)
            where = f"{path}.{key}" if path else key
            if key in plain:
                raise _fault(where, line, "每个键只出现一次", "each key only once")
            self.lines[where] = line
            plain[key] = self._value(value_node, where, depth + 1)
        return plain

    def _value(self, node: yaml.Node, path: str, depth: int) -> Any:
        line = node.start_mark.line + 1
        if depth > MOST_DEPTH:
            raise _fault(path, line, f"不超过 {MOST_DEPTH} 层嵌套", f"at most {MOST_DEPTH} levels of nesting")
        if id(node) in self._seen:
            # An alias is the node of its anchor, marked there: the line of the path is where the alias stands.
            raise _fault(path, self.lines.get(path, line), "不使用锚点与别名", "no anchors and aliases")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path, depth)
        return _scalar(node)

    def _sequence(self, node: yaml.SequenceNode, path: str, depth: int) -> list[Any]:
        items: list[Any] = []
        for place, item in enumerate(node.value):
            where = f"{path}[{place}]"
            self.lines[where] = item.start_mark.line + 1
            items.append(self._value(item, where, depth + 1))
        return items


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INT.match(text):
        return int(text) if len(text) < 20 else text
    return float(text) if _FLOAT.match(text) else text


def _group_key(entity: Mapping[str, Any]) -> Hashable:
    return str(entity.get("level")), str(entity.get("group"))


def _closure_key(entity: Mapping[str, Any]) -> Hashable:
    return str(entity.get("access_point")), str(entity.get("id", ""))


_PARTS: Final[dict[str, Callable[[Mapping[str, Any]], Hashable]]] = {
    "areas": lambda entity: entity.get("id"),
    "access_points": lambda entity: entity.get("id"),
    "doors": lambda entity: entity.get("id"),
    "schedules": lambda entity: entity.get("id"),
    "holidays": lambda entity: entity.get("date"),
    "access_levels": lambda entity: entity.get("id"),
    "group_assignments": _group_key,
    "closures": _closure_key,
    "sources": lambda entity: entity.get("id"),
    "parking": lambda entity: entity.get("id"),
}
_SINGLE: Final = frozenset({"utc_offset_minutes"})
_IGNORED: Final = frozenset({"site", "version"})


Places = dict[tuple[str, int], int]
"""(part, place in the merged plan) to the place in the document."""


def merge(current: Mapping[str, Any], document: Document) -> tuple[dict[str, Any], Places, list[LineFault]]:
    """The plan with the document's entities created or replaced, others as they were, and what keeps any from it.

    Faults are a part or an entity that is none, one that stands twice, and the document of another site.
    """
    merged, places, faults = dict(current), Places(), list[LineFault]()
    site = merged.get("site")
    if document.plain.get("site", site) != site:
        faults.append(LineFault("site", document.lines.get("site", 0), f"本校区 {site}", f"this site, {site}"))
    for part, given in document.plain.items():
        if part in _IGNORED:
            continue
        if part in _SINGLE:
            merged[part] = given
        elif part in _PARTS:
            merged[part] = _merged_part(part, merged.get(part, []), given, places, document, faults)
        else:
            names = ", ".join(sorted({*_PARTS, *_SINGLE}))
            line = document.lines.get(part, 0)
            faults.append(LineFault(part, line, f"以下键之一：{names}", f"one of the keys {names}"))
    return merged, places, faults


def _merged_part(
    part: str, standing: list[Any], given: Any, places: Places, document: Document, faults: list[LineFault]
) -> list[Any]:
    if not isinstance(given, list) or not all(isinstance(entity, Mapping) for entity in given):
        faults.append(LineFault(part, document.lines.get(part, 0), "映射的列表", "a list of mappings"))
        return standing
    key_of = _PARTS[part]
    merged = list(standing)
    at = {key_of(entity): place for place, entity in enumerate(standing)}
    seen: set[Hashable] = set()
    for place, entity in enumerate(given):
        key = key_of(entity)
        if key in seen:
            line = document.lines.get(f"{part}[{place}]", 0)
            faults.append(LineFault(f"{part}[{place}]", line, "不重复的条目", "no entity twice"))
            continue
        seen.add(key)
        if part == "closures" and entity.get("id") and not (key in at and merged[at[key]] == entity):
            path = f"{part}[{place}].id"
            zh, en = (
                "无此键：紧急关闭由专门的操作设置和结束",
                "no such key: emergency closures have operations of their own",
            )
            faults.append(LineFault(path, document.lines.get(path, 0), zh, en))
            continue
        if key in at:
            merged[at[key]] = entity
            places[part, at[key]] = place
        else:
            places[part, len(merged)] = place
            merged.append(entity)
    return merged


def in_document(invalid: DocumentInvalidError, places: Mapping[tuple[str, int], int]) -> DocumentInvalidError:
    """The faults of a merged plan with the paths of the document they came from, where they came from it."""

    def moved(fault: Fault) -> Fault:
        path = path_in_document(fault.path, places)
        return fault if path is None else Fault(path, fault.expected_zh, fault.expected_en)

    return DocumentInvalidError(map(moved, invalid.faults))


def path_in_document(path: str, places: Mapping[tuple[str, int], int]) -> str | None:
    """Where a path of the merged plan stands in the document; None when it came from elsewhere."""
    step = _STEP.match(path)
    place = places.get((step["part"], int(step["place"]))) if step else None
    return None if step is None or place is None else f"{step['part']}[{place}]{path[step.end() :]}"
