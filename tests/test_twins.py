"""The clouds differ in what they are, not in copies of the same steps or tables: those have a room that both enter."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = (
    ("shared/imagelabels/providers/aliyun", "functions/aliyun_label"),
    ("shared/imagelabels/providers/tencent", "functions/tencent_label"),
)
"""The folders of each cloud in what is shipped."""
EMULATED = tuple(
    (f"emulator/{service}",)
    for service in (
        "aliyun/oss",
        "aliyun/imm",
        "aliyun/tablestore",
        "aliyun/fc",
        "aliyun/smq",
        "tencent/cos",
        "tencent/scf",
    )
)
"""The folder of each emulated service. The emulator is not compared with the product: it shares no code with that."""
LONG = 5
"""A function with more statements than this is not like another by coincidence."""

Part = tuple[str, ast.stmt, str]
"""Where a function or a statement stands, its syntax tree, and the shape of that."""


def shape(node: ast.AST) -> str:
    """Return the syntax tree with names, numbers, strings and docstrings blanked."""
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


def literals(node: ast.AST) -> Counter[object]:
    return Counter(part.value for part in ast.walk(node) if isinstance(part, ast.Constant))


def alike(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether two functions of one shape, or two tables of one shape, say the same.

    Tables of one shape are common, since many are lists of pairs. They are copies if they share more than half of their
    literals.
    """
    if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    ours, theirs = literals(one), literals(other)
    return (ours & theirs).total() * 2 > max(ours.total(), theirs.total())


def parts(source: str, where: str) -> Iterator[Part]:
    """Yield the functions that are long enough, and the assignments at the top of a module that take several lines."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and len([n for n in ast.walk(node) if isinstance(n, ast.stmt)]) > LONG
        ):
            yield f"{where}:{node.lineno} {node.name}", node, shape(node)
    for statement in tree.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and (statement.end_lineno or 0) > statement.lineno:
            name = ast.unparse(statement).partition(" ")[0]
            yield f"{where}:{statement.lineno} {name}", statement, shape(statement)


def parts_of(folders: Sequence[str]) -> list[Part]:
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [part for path in paths for part in parts(path.read_text("utf-8"), str(path.relative_to(ROOT)))]


def copies(ours: Sequence[Part], theirs: Sequence[Part]) -> list[tuple[str, str]]:
    shapes: dict[str, list[Part]] = {}
    for part in theirs:
        shapes.setdefault(part[2], []).append(part)
    return [
        (where, other_place)
        for where, node, seen in ours
        for other_place, other, _ in shapes.get(seen, [])
        if alike(node, other)
    ]


@pytest.mark.parametrize("clouds", [PRODUCT, EMULATED], ids=["product", "emulated"])
def test_no_cloud_or_service_has_a_copy_of_anothers_function_or_table(clouds: Sequence[Sequence[str]]) -> None:
    sides = [parts_of(folders) for folders in clouds]
    assert all(len(side) > 1 for side in sides)
    assert [twins for ours, theirs in itertools.combinations(sides, 2) for twins in copies(ours, theirs)] == []


FUNCTION = "def f(a):\n    x = a.b['k']\n    if x > 1:\n        return x\n    y = x\n    return 'n'"
TABLE = "CODES = {\n    'NoSuchKey': (404, 'missing'),\n    'AccessDenied': (403, 'forbidden'),\n}"


@pytest.mark.parametrize(
    ("source", "other", "same"),
    [
        (FUNCTION, FUNCTION.replace("f(a)", "g(a)").replace("x", "z").replace("1", "2").replace("'n'", "'m'"), True),
        (FUNCTION, FUNCTION.replace("):\n", "):\n    'Say so.'\n"), True),
        (FUNCTION, FUNCTION.replace(">", "<"), False),
        ("def f(a):\n    return a", "def g(b):\n    return b", False),
        (TABLE, TABLE.replace("CODES", "TABLE").replace("missing", "gone"), True),
        (TABLE, TABLE.replace("CODES", "TABLE").replace("NoSuchKey", "NoKey").replace("AccessDenied", "Denied"), True),
        (TABLE, "SIZES = {\n    'small': (1, 'a'),\n    'large': (2, 'b'),\n}", False),
        (TABLE, TABLE.replace("    'AccessDenied': (403, 'forbidden'),\n", ""), False),
        ("FORM = 'a'", "FORM = 'a'", False),
        (f"if True:\n    {TABLE}", TABLE, False),
    ],
)
def test_a_copy_with_other_names_and_values_is_seen(source: str, other: str, same: bool) -> None:
    ours, theirs = list(parts(source, "one.py")), list(parts(other, "other.py"))
    assert bool(copies(ours, theirs)) is same
    assert bool(copies(theirs, ours)) is same
