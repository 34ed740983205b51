"""Says in words what is wrong with a setting."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from imagelabels.views.printing import no_choice, percent_hint


def told(fields: Mapping[str, FieldInfo], error: ErrorDetails) -> str:
    """Say one error in words, with what was probably meant. The value is repeated only where it should be one of a few
    words or a number, which no secret is."""
    name, value, kind = ".".join(map(str, error["loc"])), error["input"], error["type"]
    field = fields.get(name)
    if kind == "missing":
        return f"{name} is not set" + (f": it is {field.title}" if field is not None and field.title else "")
    if kind == "literal_error":
        names = [text.strip("'") for text in str(error["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
        return f"{name}: {no_choice(str(value), names)}"
    if kind == "value_error" or field is None:
        return f"{name}: {error['msg'].removeprefix('Value error, ')}".lstrip(": ")
    if field.title:
        return f"{name} is not {field.title}"
    if field.annotation is bool:
        return f"{name}: {str(value) or 'an empty text'} is neither true nor false"
    return f"{name}: {str(value) or 'an empty text'} is not {_number(field)}{_hint(field, str(value))}"


def _number(field: FieldInfo) -> str:
    """Say in words which numbers the field takes."""
    bounds = {type(bound).__name__: getattr(bound, type(bound).__name__.lower()) for bound in field.metadata}
    kind = "a whole number" if field.annotation in (int, int | None) else "a number"
    if "Le" in bounds:
        return f"{kind} from {bounds['Ge']} to {bounds['Le']}"
    return f"{kind} above {bounds['Gt']}" if "Gt" in bounds else kind


def _hint(field: FieldInfo, value: str) -> str:
    """Ask people who write a percentage whether they mean a share."""
    try:
        return percent_hint(float(value)) if "from 0 to 1" in _number(field) and field.annotation is not int else ""
    except ValueError:
        return ""
