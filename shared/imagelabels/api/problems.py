"""Answers that say what went wrong, as documents of RFC 9457: https://www.rfc-editor.org/rfc/rfc9457"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable

TYPE = "application/problem+json"

LATER = 30
"""A client should ask again after so many seconds where the index cannot be asked at the moment."""


class ProblemDocument(BaseModel):
    """Says what went wrong (RFC 9457)."""

    type: str = Field("about:blank", description="Always about:blank: `code` tells the kinds of problems apart.")
    title: str = Field(description="The name of the status.")
    status: int
    code: str = Field(description="One word for programs.")
    detail: str = Field(description="A sentence for people: what is wrong, and what to do.")
    errors: list[dict[str, Any]] | None = Field(None, description="Which parameters are wrong, and why.")


class Problem(Exception):
    """What a request is refused with. The detail never holds a secret."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        missing: str = "",
    ) -> None:
        """`missing` names what is not there: a picture, an album or a feed."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = [dict(error) for error in errors]
        self.missing = missing

    @property
    def document(self) -> dict[str, Any]:
        """The document in its JSON form."""
        title = HTTPStatus(self.status).phrase
        document = {"type": "about:blank", "title": title, "status": self.status}
        document |= {"code": self.code, "detail": self.detail}
        return document | ({"errors": self.errors} if self.errors else {})


@contextmanager
def understood(code: str = "bad_question") -> Iterator[None]:
    """Refuse the request where the block says by a ValueError what cannot be meant."""
    try:
        yield
    except ValueError as error:
        raise Problem(400, code, str(error)) from error


def not_there(what: str = "picture") -> Problem:
    """Refuse a request for something that is not there, or that the caller may not see: the two look the same."""
    return Problem(404, "not_found", f"there is no such {what}, or your token may not see it", missing=what)


def no_feed() -> Problem:
    """Refuse a request for a feed. A wrong, revoked or foreign secret looks the same as an album that is not there."""
    return Problem(404, "not_found", "there is no such feed, or its address was revoked: ask for a new one")


def of_error(error: LabelingError) -> Problem:
    """Return the problem for an index or a store that cannot be asked. An index that waits for its migration looks
    misconfigured, and is there again when the migration has ended."""
    if isinstance(error, Unavailable | Misconfigured):
        return Problem(503, "unavailable", str(error), {"Retry-After": f"{LATER}"})
    return Problem(409, str(error.reason), str(error))
