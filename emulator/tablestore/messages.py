"""Tablestore's protobuf messages, as the vendor's package defines them, without the client that lies around them."""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet


def _load(name: str) -> Any:
    # By file: importing tablestore.protobuf runs tablestore/__init__, which loads numpy and aiohttp and logs warnings.
    # Loaded here or there, the message classes are the same, since protobuf keeps one pool of definitions.
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


def unknown(message: Any) -> list[int]:
    """Numbers of the fields that a client sent and these definitions do not know; those of nested messages are not."""
    return sorted({field.field_number for field in UnknownFieldSet(message)})


__all__ = ["DecodeError", "filters", "search", "table", "unknown"]

table: Any = _load("table_store_pb2")
filters: Any = _load("table_store_filter_pb2")
search: Any = _load("search_pb2")
