"""The differences between the vendors' stores and moto's S3 that are no faults of the emulator.

Some are differences between the vendors and S3. In others moto differs from S3 itself, as its own page of Amazon says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Mutable = dict[str, Any]
Even = Callable[[Mutable, Mutable], tuple[Mutable, Mutable]]


@dataclass(frozen=True, slots=True)
class Difference:
    """`even` gets the answer of the emulator and that of the judge, and returns both without the difference."""

    says: str
    page: str
    even: Even
    steps: tuple[str, ...]
    clouds: tuple[str, ...] = ("oss", "cos")


def _unnamed_null(ours: Mutable, theirs: Mutable) -> tuple[Mutable, Mutable]:
    return tuple(  # type: ignore[return-value]  # mypy takes a tuple of a generator for one of any length
        {name: None if name == "version" and value == "null" else value for name, value in answer.items()}
        for answer in (ours, theirs)
    )


def _any_refusal(ours: Mutable, theirs: Mutable) -> tuple[Mutable, Mutable]:
    both = "refused" in ours and "refused" in theirs
    return ({"refused": 4}, {"refused": 4}) if both else (ours, theirs)


def _range_of_nothing(ours: Mutable, theirs: Mutable) -> tuple[Mutable, Mutable]:
    return (ours, ours) if ours == {"refused": 416} and theirs.get("body") == b"" else (ours, theirs)


def _removed_marker(ours: Mutable, theirs: Mutable) -> tuple[Mutable, Mutable]:
    removed = ours.get("marker") is True and theirs == {**ours, "marker": False}
    return (ours, ours) if removed else (ours, theirs)


DIFFERENCES = (
    Difference(
        "moto does not name the version of an object whose id is null.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html",
        _unnamed_null,
        ("put", "get", "head", "copy", "delete", "complete"),
    ),
    Difference(
        "A version that is not there has the status 404 for the vendors. S3 says 400 where its id has a wrong form, and"
        " moto says 400 to HEAD for any.",
        "https://help.aliyun.com/en/oss/developer-reference/getobject,"
        " https://cloud.tencent.com/document/product/436/7730",
        _any_refusal,
        ("get", "head", "copy", "tags", "put_tags", "delete_tags"),
    ),
    Difference(
        "moto does not tell that a version which it removes was a delete marker, and S3 does.",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html",
        _removed_marker,
        ("delete",),
    ),
    Difference(
        "moto answers any range of an empty object with the whole of it; the status for S3 is 416.",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
        _range_of_nothing,
        ("get",),
    ),
)
"""What is not here, and why, is said where machine.py leaves a step out."""
