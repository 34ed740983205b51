"""The protobuf messages of Tablestore from the vendor's package, without the client in that package."""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet


def _load(name: str) -> Any:
    # The module is loaded from its file: an import of tablestore.protobuf would run tablestore/__init__, which loads
    # numpy and aiohttp and logs warnings. The message classes are the same, as protobuf has one pool of definitions.
    package = find_spec("tablestore")
    if package is None or not package.submodule_search_locations:
        raise ImportError('the emulator needs the package "tablestore" for its message definitions: pip install it')
    path = Path(package.submodule_search_locations[0]) / "protobuf" / f"{name}.py"
    spec = spec_from_file_location(f"{__name__}.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class UnknownField(Exception):
    """A client has sent a field that these definitions do not know. What the field means would be lost."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(f"the field number {number} of {message}")


def read(kind: Any, sent: bytes, newer: frozenset[int] = frozenset()) -> Any:
    """Return the message of that kind. DecodeError if the bytes are none, UnknownField if they are a newer one.

    The message itself may have the fields with the numbers in `newer`, which its definition lacks.
    """
    message = kind.FromString(sent)
    if not message.IsInitialized():
        raise DecodeError(f"a required field of {kind.DESCRIPTOR.name} is missing")
    _check(message, newer)
    return message


def _check(message: Any, newer: frozenset[int] = frozenset()) -> None:
    """Check a message and those in it.

    UnknownField if one of them is newer than its definition. DecodeError if a text is not UTF-8, which protobuf returns
    as bytes.
    """
    for unknown in UnknownFieldSet(message):
        if unknown.field_number not in newer:
            raise UnknownField(unknown.field_number, message.DESCRIPTOR.name)
    for field, value in message.ListFields():
        if field.type not in (field.TYPE_STRING, field.TYPE_MESSAGE):
            continue
        for part in (value,) if isinstance(value, (str, bytes)) or hasattr(value, "ListFields") else value:
            if isinstance(part, bytes):
                raise DecodeError(f"{field.name} is not UTF-8")
            if not isinstance(part, str):
                _check(part)


__all__ = ["DecodeError", "UnknownField", "filters", "read", "search", "table"]

table: Any = _load("table_store_pb2")
filters: Any = _load("table_store_filter_pb2")
search: Any = _load("search_pb2")
