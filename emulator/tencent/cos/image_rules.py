"""The rules imageMogr2/... and imageView2/... become the steps that the pixels need.

The names and values of a rule stand between slashes, and rules are separated by |. They are done in the order of the
request, and so are the operations in a rule: https://www.tencentcloud.com/document/product/1045/33727.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from emulator.objectstore.pictures.limits import MOST_STEPS
from emulator.objectstore.pictures.picture import Step
from emulator.objectstore.refusals import invalid, not_built
from emulator.tencent.cos import image_sizes
from emulator.tencent.cos.image_operations import OPERATIONS, PLAIN, SETTINGS, Settings, keep_quality, number

MOST_RULES = 10
"""A request may have so many rules, as the same page says."""


def ignores_errors(operation: str) -> bool:
    """Tell whether the source is to be sent where it cannot be processed."""
    return re.search(r"/ignore-error/1(?=$|[/|])", operation) is not None


def steps_of(operation: str) -> list[Step]:
    """Return the steps for an operation. What is not built, and wrong values, are refused."""
    found: list[Step] = [keep_quality]
    rules = operation.split("|")
    if len(rules) > MOST_RULES:
        raise invalid("|", str(len(rules)), f"At most {MOST_RULES} rules may follow each other.")
    for rule in rules:
        name, *words = rule.removesuffix("/").split("/")
        if name not in RULES:
            raise not_built(rule)
        found += RULES[name](words)
    if len(found) > MOST_STEPS:
        raise not_built(f"image processing of more than {MOST_STEPS} operations")
    return found


def _mogr(words: Sequence[str]) -> list[Step]:
    operations = _pairs(words)
    if not operations:
        raise invalid("imageMogr2", "", "imageMogr2 needs operations with slashes between them.")
    settings = {name: value for name, value in operations if name in SETTINGS}
    _check_ignoring(settings)
    return [OPERATIONS[name](value, settings) for name, value in operations if name not in SETTINGS]


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    """Return the operations with their values. One that is not known is refused by its name."""
    pairs, left = [], list(words)
    while left:
        name = left.pop(0)
        if name not in OPERATIONS and name not in SETTINGS:
            raise not_built(f"imageMogr2/{name}")
        pairs.append((name, left.pop(0) if left and name not in PLAIN else ""))
    return pairs


def _check_ignoring(settings: Settings) -> None:
    number("ignore-error", settings.get("ignore-error", "0"), 0, 1)


VIEW_NAMES = {"format": "format", "q": "quality", "rq": "rquality", "lq": "lquality"}


def _view(words: Sequence[str]) -> list[Step]:
    """imageView2/<mode>/w/<Width>/h/<Height>/...: https://cloud.tencent.com/document/product/460/6929.

    The vendor's SDK shows a request without a mode, which changes the format alone.
    """
    mode = words[0] if words and words[0].isdecimal() else ""
    rest = list(words[1 if mode else 0 :])
    if not words or len(rest) % 2:
        raise invalid("imageView2", "/".join(words), "imageView2 takes a mode, and names and values in turn.")
    values = dict(zip(rest[::2], rest[1::2], strict=True))
    for name in values:
        if name not in {"w", "h", "ignore-error", *VIEW_NAMES}:
            raise not_built(f"imageView2/{name}")
    _check_ignoring(values)
    found = []
    if mode or values.keys() & {"w", "h"}:
        if mode not in image_sizes.VIEWS:
            raise invalid("imageView2", mode, f"The mode is one of {', '.join(image_sizes.VIEWS)}.")
        asked = {name: number(name, values[name], 1, 9_999) for name in ("w", "h") if name in values}
        if not asked:
            raise invalid("imageView2", mode, f"Mode {mode} needs w or h.")
        found = [image_sizes.VIEWS[mode](asked.get("w", 0), asked.get("h", 0))]
    return found + [OPERATIONS[VIEW_NAMES[name]](values[name], {}) for name in VIEW_NAMES if name in values]


RULES: Mapping[str, Callable[[Sequence[str]], list[Step]]] = {"imageMogr2": _mogr, "imageView2": _view}
