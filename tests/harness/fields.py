"""The fields of a message by their path, as errors name them: `alarm.kind`, `identifiers[0].value`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

_DEEPEST = 3
_PLACE = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True)
class Leaf:
    """A scalar field and the names that lead to it."""

    path: tuple[str, ...]
    field: FieldDescriptor

    def put(self, message: Message, value: Any) -> None:
        """Set it, in a first entry where a field on the way is repeated. ValueError when it cannot hold the value."""
        if self.field.type == FieldDescriptor.TYPE_BYTES:
            value = value.encode()
        target: Any = message
        for name in self.path[:-1]:
            found = getattr(target, name)
            target = found.add() if hasattr(found, "add") else found
        if self.field.is_repeated:
            getattr(target, self.path[-1]).append(value)
        else:
            setattr(target, self.path[-1], value)


def leaves(message: Descriptor, before: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every scalar field of a message, maps left out."""
    for field in message.fields:
        path = (*before, field.name)
        inner = field.message_type
        if inner is None:
            yield Leaf(path, field)
        elif not inner.GetOptions().map_entry and len(path) < _DEEPEST:
            yield from leaves(inner, path)


def has_path(message: Descriptor, path: str) -> bool:
    """Whether a message has the field an error names."""
    found: Descriptor | None = message
    for name in _PLACE.sub("", path).split("."):
        field = found.fields_by_name.get(name) if found is not None else None
        if field is None:
            return False
        found = field.message_type
    return True
