"""Texts that tests parse quickly have the nodes that a deployment sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from imagelabels.deploy.template import document
from imagelabels.deploy.tencent import plan
from tests.deploy import parsing
from tests.deploy.parsing import quick


def compose(text: str, loader: Any) -> yaml.Node:
    """Return what the library does: its own function has another one in its place here."""
    reader = loader(text)
    try:
        node: yaml.Node = reader.get_single_node()
        return node
    finally:
        reader.dispose()


def nodes(node: yaml.Node) -> Iterator[tuple[str, str, int, int]]:
    yield type(node).__name__, node.tag, node.start_mark.line, node.start_mark.column
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from nodes(name)
            yield from nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from nodes(value)
    else:
        yield "", node.value, 0, 0


@pytest.mark.parametrize("text", [document.shipped(), plan.shipped()], ids=["template", "plan"])
def test_a_text_would_have_other_nodes_in_tests(text: str) -> None:
    assert list(nodes(quick(compose)(text, yaml.SafeLoader))) == list(nodes(compose(text, yaml.SafeLoader)))


def test_the_parser_in_c_would_get_what_ends_the_process_or_would_word_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    in_c: Any = type("InC", (yaml.SafeLoader,), {})  # The parser in C itself may not be installed.
    asked = list[Any]()

    def noted(text: str, loader: Any) -> yaml.Node:
        asked.append(loader)
        return compose(text, loader)

    monkeypatch.setattr(parsing, "Parser", in_c)
    with pytest.raises(RecursionError):
        quick(noted)("[" * 20_000 + "]" * 20_000, yaml.SafeLoader)
    with pytest.raises(yaml.YAMLError, match="expected the node content"):
        quick(noted)("a: [", yaml.SafeLoader)
    with pytest.raises(yaml.YAMLError, match="found undefined alias"):
        quick(noted)("a: *b", yaml.SafeLoader)
    assert asked == [yaml.SafeLoader, yaml.SafeLoader, in_c, yaml.SafeLoader]
    asked.clear()
    quick(noted)("a: [1]", yaml.SafeLoader)
    quick(noted)("a: [1]", yaml.BaseLoader)
    monkeypatch.setattr(parsing, "Parser", None)
    quick(noted)("a: [1]", yaml.SafeLoader)
    assert asked == [in_c, yaml.BaseLoader, yaml.SafeLoader]
