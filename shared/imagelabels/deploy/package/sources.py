"""The sources of the functions: their entry points, and the modules of this package that they can import."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import imagelabels
from imagelabels.deploy.package.target import Cloud
from imagelabels.domain.errors import Misconfigured

PACKAGE = Path(imagelabels.__file__).parent
_WITH_STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)
"""Expressions hold no import, so most of a module need not be looked at."""


def function_folder(name: str) -> Path:
    """Return the folder of a function's index.py: among the data of an installed wheel, or in the checkout around this
    package."""
    places = (PACKAGE / "deploy" / "functions" / name, PACKAGE.parent.parent / "functions" / name)
    for folder in places:
        if (folder / "index.py").is_file():
            return folder
    raise Misconfigured(f"the sources of the function {name} are neither in {places[0]} nor in {places[1]}")


def entry_points(cloud: Cloud) -> dict[str, bytes]:
    """Return the entry points of a cloud's functions, by their place in the archive that all are deployed from."""
    folders = {
        "index.py": cloud.function,
        "album.py": cloud.album_function,
        "webhooks.py": cloud.webhooks_function,
    }
    return {place: (function_folder(name) / "index.py").read_bytes() for place, name in folders.items()}


def roots(entry: dict[str, bytes]) -> list[str]:
    """Return the names that the entry points import."""
    return [name for source in entry.values() for name in imports(ast.parse(source), "")]


def modules(package: Path, roots: Sequence[str], left_out: Sequence[str]) -> dict[str, bytes]:
    """Return the files of the package that can be imported from the roots, by their path from the package's parent.

    An import counts wherever it stands, in functions too; but not that of a module named in `left_out`, or below one,
    nor one for the type checker alone. Data files are kept where a module of their folder is, with the folders of data
    below it.
    """
    files = dict(module_files(package))
    wanted, reached = list(roots), set[str]()
    while wanted:
        name = wanted.pop()
        for module in _with_parents(name):
            if module in files and module not in reached and not is_below(module, left_out):
                reached.add(module)
                wanted += imports(ast.parse(files[module].read_bytes()), package_of(module, files))
    data = [path for module in reached for path in _data(files[module])]
    return {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in [*(files[module] for module in reached), *data]
    }


def is_below(module: str, others: Sequence[str]) -> bool:
    """Tell whether the module is one of the others or inside one."""
    return any(module == other or module.startswith(f"{other}.") for other in others)


def _data(module: Path) -> Iterator[Path]:
    """Yield the files beside a module that are no modules, and those below, in folders in which there is none."""
    for path in module.parent.iterdir():
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            yield path
        elif path.is_dir() and path.name != "__pycache__" and not any(path.rglob("*.py")):
            yield from (below for below in path.rglob("*") if below.is_file())


def module_files(package: Path) -> Iterator[tuple[str, Path]]:
    """Yield the modules of a package, each with its file."""
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: length + 1]) for length in range(len(parts))]


def package_of(module: str, files: dict[str, Path]) -> str:
    """Return the package at which a relative import in the module begins."""
    return module if files[module].name == "__init__.py" else module.rpartition(".")[0]


def imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Yield each name that is imported anywhere and may be a module. `package` is that of the module."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, (above, node.module)))
            yield from (f"{base}.{alias.name}" for alias in node.names)
            yield base
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif isinstance(node, _WITH_STATEMENTS):
            yield from imports(node, package)
