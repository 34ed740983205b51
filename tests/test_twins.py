"""The clouds differ in what they are, not in copies of the same steps: those live in a room that both may enter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALIYUN = ("shared/imagelabels/providers/aliyun", "functions/aliyun_label", "emulator/aliyun")
TENCENT = (
    "shared/imagelabels/providers/tencent",
    "functions/tencent_label",
    "emulator/tencent/cos",
    "emulator/tencent/scf",
)
LONG = 5
"""Statements of a function from which on it is no coincidence."""


def shape(node: ast.AST) -> str:
    """The syntax tree with names, numbers, strings and docstrings blanked."""
    tree = ast.parse(ast.unparse(node))
    for part in ast.walk(tree):
        if (
            isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and ast.get_docstring(part) is not None
        ):
            del part.body[0]
        for field, value in ast.iter_fields(part):
            if isinstance(value, (str, bytes, int, float)) and not isinstance(value, bool):
                setattr(part, field, "_")
    return ast.dump(tree)


def functions(folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(where, shape) of every function that is long enough."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                    and len([n for n in ast.walk(node) if isinstance(n, ast.stmt)]) > LONG
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", shape(node)


def test_no_function_of_one_cloud_is_a_copy_of_the_others() -> None:
    ours = list(functions(ALIYUN))
    assert {folder for folder in ALIYUN if any(where.startswith(f"{folder}/") for where, _ in ours)} == {*ALIYUN}
    assert len(ours) > 60
    theirs = {shape: where for where, shape in functions(TENCENT)}
    assert [(where, theirs[shape]) for where, shape in ours if shape in theirs] == []


@pytest.mark.parametrize(
    ("copy", "same"),
    [
        ("def g(b):\n    'Says so.'\n    y = b.c['q']\n    if y > 2:\n        return y\n    return 'z'", True),
        ("def g(b):\n    y = b.c['q']\n    if y < 2:\n        return y\n    return 'z'", False),
    ],
)
def test_a_copy_with_other_names_and_numbers_is_found(copy: str, same: bool) -> None:
    function = "def f(a):\n    x = a.b['k']\n    if x > 1:\n        return x\n    return 'n'"
    assert (shape(ast.parse(function)) == shape(ast.parse(copy))) is same
