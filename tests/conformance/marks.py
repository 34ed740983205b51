"""Reads the marks of values that no page of a vendor documents. A mark is a comment beside the value:

    # Unproven most-form-fields: An HTML form may have 100 fields before its file.
    # Why: no page gives a number.
    # Ask: POST a signed form with 101 fields before the file: the status and the code.

A line that begins with three spaces more goes on with the one above it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("emulator", "shared/imagelabels")
BEGINS = re.compile(r"# Unproven ([a-z0-9-]+): (.+)")
PART = re.compile(r"# (Why|Ask): (.+)")
UNCHECKED = re.compile(r"(https?://\S+) \(unchecked\)")
"""The address of a vendor's page that was not found in any stored copy."""
GOES_ON = re.compile(r"#   (\S.*)")
LOOSE = re.compile(r"\b(?:invented|no page|not documented|undocumented|nobody documents)\b", re.IGNORECASE)
"""Words that say that something is a guess. They belong into marks, which have the request that settles it."""


class WrongMark(Exception):
    """A mark lacks something. The message says where, and what."""


@dataclass(frozen=True, slots=True)
class Mark:
    name: str
    guess: str
    why: str
    ask: str
    file: str
    """The path of the file below the root of the repository."""
    owner: str
    """The name of the function, class or value that the mark belongs to. It is empty if it belongs to the module."""


@dataclass(slots=True)
class _Comment:
    line: int
    column: int
    text: str


def all_marks(root: Path = ROOT) -> list[Mark]:
    """Return all marks in the order of their files. WrongMark tells of the first that is not whole."""
    marks = list[Mark]()
    seen = dict[str, Mark]()
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            for mark in of_source(path.read_text("utf-8"), path.relative_to(root).as_posix()):
                if mark.name in seen:
                    raise WrongMark(f"{mark.file} and {seen[mark.name].file}: two marks have the name {mark.name}")
                seen[mark.name] = mark
                marks.append(mark)
    return marks


def unchecked_addresses(root: Path = ROOT) -> list[tuple[str, str]]:
    """Return the addresses of pages that could not be checked, each with its file."""
    return [
        (address, path.relative_to(root).as_posix())
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.py"))
        for address in UNCHECKED.findall(path.read_text("utf-8"))
    ]


def of_source(source: str, file: str) -> Iterator[Mark]:
    """Yield the marks in the source of a module."""
    if "# Unproven" not in source:
        return
    owners = _owners(ast.parse(source))
    for block in _blocks(_comments(source)):
        first = BEGINS.fullmatch(block[0].text)
        where = f"{file}:{block[0].line}"
        if first is None:
            raise WrongMark(f"{where}: a mark begins with `# Unproven a-name: ` and the guess")
        parts = _parts(block, where)
        for word in ("Why", "Ask"):
            if word not in parts:
                raise WrongMark(f"{where}: the mark {first[1]} has no line `# {word}: `")
        yield Mark(first[1], parts[""], parts["Why"], parts["Ask"], file, _owner(owners, block[-1].line))


def loose_words(source: str) -> list[int]:
    """Return the numbers of the lines that call something a guess, but are in no mark."""
    marked = (
        {comment.line for block in _blocks(_comments(source)) for comment in block} if "# Unproven" in source else ()
    )
    return [n for n, line in enumerate(source.splitlines(), 1) if LOOSE.search(line) and n not in marked]


def _comments(source: str) -> list[_Comment]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [_Comment(t.start[0], t.start[1], t.string) for t in tokens if t.type == tokenize.COMMENT]


def _blocks(comments: Sequence[_Comment]) -> Iterator[list[_Comment]]:
    """Yield the comments of each mark."""
    block = list[_Comment]()
    for comment in comments:
        begins = comment.text.startswith("# Unproven")
        follows = block and (comment.line, comment.column) == (block[-1].line + 1, block[-1].column)
        if begins or not follows or not (PART.fullmatch(comment.text) or GOES_ON.fullmatch(comment.text)):
            if block:
                yield block
            block = [comment] if begins else []
        else:
            block.append(comment)
    if block:
        yield block


def _parts(block: Sequence[_Comment], where: str) -> dict[str, str]:
    parts, word = dict[str, str](), ""
    for comment in block:
        if begins := BEGINS.fullmatch(comment.text):
            parts[word] = begins[2]
        elif part := PART.fullmatch(comment.text):
            word = part[1]
            if word in parts:
                raise WrongMark(f"{where}: the mark has two lines `# {word}: `")
            parts[word] = part[2]
        elif more := GOES_ON.fullmatch(comment.text):
            parts[word] += f" {more[1]}"
    return parts


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    first: int
    last: int


def _owners(tree: ast.Module) -> list[_Named]:
    return list(_named(tree.body, ""))


def _named(body: Sequence[ast.stmt], above: str) -> Iterator[_Named]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield _Named(above + node.name, first, node.end_lineno or first)
            yield from _named(node.body, f"{above}{node.name}.")
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            yield _Named(above + ast.unparse(target).strip("()"), node.lineno, node.end_lineno or node.lineno)


def _owner(owners: Sequence[_Named], last: int) -> str:
    """Return what begins just below the mark, else the innermost that the mark is in."""
    around = [named for named in owners if named.first <= last + 1 <= named.last]
    return max(around, key=lambda named: named.first).name if around else ""
