"""A request asks for an operation by the subresource that it names, with the parameters that this operation knows.

A parameter or header that no operation here knows may change what the request means. Answering without it would be a
wrong success, so it is refused by its name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

from emulator.core.parts import OPERATION
from emulator.objectstore.call import Call
from emulator.objectstore.conditions import CONDITIONS
from emulator.objectstore.dialect import Dialect
from emulator.objectstore.refusals import invalid, not_built

Handler = TypeVar("Handler")

LISTING = frozenset({"delimiter", "encoding-type", "max-keys", "prefix"})
"""The parameters of every listing of objects."""
PARTS = frozenset({"encoding-type", "max-parts", "part-number-marker"})
"""The parameters of a listing of the parts of an upload."""
UPLOADS = frozenset({"delimiter", "encoding-type", "key-marker", "max-uploads", "prefix", "upload-id-marker"})
"""The parameters of a listing of multipart uploads."""
VERSION = frozenset({"versionId"})
"""The parameter of every operation on one version of an object."""
LISTS = ("", "uploads", "versions")
"""The subresources of the listings of keys."""
IN_KEYS = frozenset({"continuation-token", "delimiter", "key-marker", "marker", "prefix", "start-after"})
"""The parameters of listings that are compared with the bytes of keys, and may cut a character in two."""
VERSIONS = LISTING | {"key-marker", "version-id-marker"}


@dataclass(frozen=True, slots=True)
class Operation(Generic[Handler]):
    """`parameters` are those that a request may have beside the subresource."""

    handler: Handler
    parameters: frozenset[str] = frozenset()


OperationTable = Mapping[tuple[str, str], Operation[Handler]]
"""The operations by method and subresource, which is empty for the plain operation."""


def chosen(
    tables: Mapping[str, OperationTable[Handler]], call: Call, parameters: AbstractSet[str]
) -> tuple[str, Operation[Handler]]:
    """Return what a request asks for: the key under which it is counted, and its operation.

    The tables are those for `service`, `bucket` and `object`. An operation that does not know all of the `parameters`
    is refused.
    """
    level = "object" if call.key else "bucket" if call.bucket else "service"
    table = tables[level]
    named = [name for name in parameters if name and (call.method, name) in table]
    subresource = named[0] if len(named) == 1 else ""
    operation = table.get((call.method, subresource))
    unknown = parameters - {subresource} - (operation.parameters if operation else frozenset())
    place = {"object": "an object", "bucket": "a bucket", "service": "the service"}[level]
    if operation is None or unknown:
        shown = "&".join(sorted({subresource} - {""} | unknown))
        raise not_built(f"{call.method} ?{shown} on {place}" if shown else f"{call.method} on {place}")
    _check_texts(call, IN_KEYS if subresource in LISTS else ())
    return _name(call.method, level, subresource), operation


def _check_texts(call: Call, any_bytes: Collection[str]) -> None:
    """Refuse a parameter that is not UTF-8, for which the database cannot be asked. Those of `any_bytes` may be so."""
    for name, value in call.params:
        try:
            value.encode()
        except UnicodeEncodeError:
            if name not in any_bytes:
                raise invalid(name, repr(value)[:100], "The value of this parameter is not UTF-8.") from None


def names(service: str, tables: Mapping[str, OperationTable[Handler]]) -> list[str]:
    """Return the keys under which all operations are counted."""
    return [f"{service} {_name(method, level, of)}" for level, table in tables.items() for method, of in table]


def _name(method: str, level: str, subresource: str) -> str:
    return f"{method} {level}" + (f"?{subresource}" if subresource else "")


def count(service: str, operation: str) -> None:
    """Tell the server which operation the request asks for."""
    OPERATION.set(f"{service} {operation}")


# Unproven conditions-of-writes: A write with If-Match, If-None-Match or a like header is refused as not built.
# Why: no page of either vendor says that a write heeds such a condition.
# Ask: PUT an object with If-Match: "0": the status, and whether the object was written.
def check_headers(call: Call, dialect: Dialect, known: Collection[str], others: tuple[str, ...] = ()) -> None:
    """Refuse a header of the vendor's that is not known. The metadata of users may have any name.

    The vendor's headers begin with the text of its dialect, or with one of `others`. A condition is refused where it is
    not that of a read.
    """
    for name in call.headers:
        if name in CONDITIONS and call.method not in ("GET", "HEAD"):
            raise not_built(f"{call.method} with the header {name.title()}")
        if name == dialect.link_target and "symlink" not in call.query:
            raise not_built(f"the header {name} without ?symlink")
        if name.startswith((dialect.headers, *others)) and name not in known and not name.startswith(dialect.metadata):
            raise not_built(f"the header {name}")
