"""Tests parse YAML with the library's parser in C, in a tenth of the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

MOST_NESTED = 50
"""The parser in C takes nodes that are nested more deeply too, until the process ends: it has no bound of its own."""

Compose = Callable[[str, Any], yaml.Node]
Parser: Any = getattr(yaml, "CSafeLoader", None)


def quick(compose: Compose) -> Compose:
    """Return a function that answers as `compose` does, with the nodes or with the error."""

    def composed(text: str, loader: Any) -> yaml.Node:
        if Parser is None or loader is not yaml.SafeLoader or not _is_flat(text):
            return compose(text, loader)
        try:
            return compose(text, Parser)
        except yaml.YAMLError:
            return compose(text, loader)  # This one says it in its own words.

    return composed


def _is_flat(text: str) -> bool:
    depth = 0
    try:
        for event in yaml.parse(text, Parser):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_NESTED:
                return False
    except yaml.YAMLError:
        return False
    return True
