"""A request asks for an operation by the subresource that it names, with the parameters that this operation knows.

A parameter or header that no operation here knows may change what the request means. Answering without it would be a
wrong success, so it is refused by its name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

from emulator.objectstore.call import Call
from emulator.objectstore.refusal import not_built

Handler = TypeVar("Handler")


@dataclass(frozen=True, slots=True)
class Operation(Generic[Handler]):
    """`parameters` are those that a request may carry beside the subresource."""

    handler: Handler
    parameters: frozenset[str] = frozenset()


Table = Mapping[tuple[str, str], Operation[Handler]]
"""The operations are found by method and subresource, which is empty for the plain operation."""


def level(call: Call) -> str:
    return "an object" if call.key else "a bucket" if call.bucket else "the service"


def chosen(table: Table[Handler], call: Call, given: AbstractSet[str]) -> tuple[str, Operation[Handler]]:
    """The subresource and its operation; Refusal if any of the `given` parameter names is not known to it."""
    named = [name for name in given if name and (call.method, name) in table]
    subresource = named[0] if len(named) == 1 else ""
    operation = table.get((call.method, subresource))
    unknown = given - {subresource} - (operation.parameters if operation else frozenset())
    if operation is None or unknown:
        shown = "&".join(sorted({subresource} - {""} | unknown))
        raise not_built(f"{call.method} ?{shown} on {level(call)}" if shown else f"{call.method} on {level(call)}")
    return subresource, operation


def check_headers(call: Call, vendor: str | tuple[str, ...], known: Collection[str], metadata: str) -> None:
    """Refusal for a header that begins as the `vendor`'s own do and is neither `known` nor the user's metadata."""
    for name in call.headers:
        if name.startswith(vendor) and name not in known and not name.startswith(metadata):
            raise not_built(f"the header {name}")


def check_form(call: Call) -> None:
    """Refusal for an upload by an HTML form, whose signature would be in the form and not in the request."""
    if call.method == "POST" and call.header("content-type").lower().startswith("multipart/form-data"):
        raise not_built("PostObject, the upload by an HTML form (multipart/form-data)")
