"""These tests run the commands in docs/deploy.md and docs/operate.md that need neither an account nor the network.

tests/test_docs_of_commands.py parses all the others.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imagelabels.deploy.aliyun.parameters import KEYS, Parameters
from imagelabels.deploy.template.document import shipped
from imagelabels.deploy.template.parameters import description
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.ledger import SqliteLedger
from tests import shown
from tests.contract.samples import label, put, record

DOCS = shown.ROOT / "docs"
OURS = ("imagelabels", "export", "python")
"""The tests run these programs only. A block with another one must say what it needs."""


def blocks() -> Iterator[tuple[str, shown.Block]]:
    for name in ("deploy.md", "operate.md"):
        for block in shown.blocks((DOCS / name).read_text("utf-8")):
            yield f"{name}:{block.line}", block


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """A folder with what a checkout has at its root, an index, and our programs in the search path."""
    for name in ("template.yml", "s.yaml"):
        shutil.copy(shown.ROOT / name, tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (("imagelabels", "-m imagelabels"), ("python", "")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        program.chmod(0o755)
    with closing(Database(tmp_path / "index.db")) as database:
        put(SqliteLedger(database), record(ObjectRef("oss", "my-photos", "cat.jpg"), (label("cat"),)))
    kept = {name: os.environ[name] for name in ("PYTHONPATH", "LANG") if name in os.environ}
    found = os.pathsep.join([str(shown.ROOT / "shared"), str(shown.ROOT)])
    return kept | {
        "PYTHONPATH": found,
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "IMAGELABELS_INDEX": "sqlite:///index.db",
    }


@pytest.mark.story
def test_a_command_that_a_page_says_to_run_anywhere_would_fail(surroundings: dict[str, str], tmp_path: Path) -> None:
    run_here = [(where, block) for where, block in blocks() if block.runs_here]
    assert len(run_here) >= 4
    for where, block in run_here:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", block.text],
            cwd=tmp_path,
            env=surroundings,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{where}: {done.stdout}{done.stderr}"
    assert (tmp_path / "s.yaml").read_text("utf-8") == (shown.ROOT / "s.yaml").read_text("utf-8")


def test_a_block_would_need_an_account_and_not_say_so() -> None:
    for where, block in blocks():
        words = [words for command in block.commands() for words in command.simple() if words]
        assert not block.runs_here or all(one[0] in OURS for one in words), where
        assert block.runs_here or words, where


def test_the_page_would_list_other_parameters_than_the_template_has() -> None:
    parameters = Parameters(shipped())
    rows = []
    for name, parameter in parameters.known.items():
        if name in KEYS:
            default = "the command chooses it"
        elif "Default" not in parameter:
            default = "must be given"
        else:
            default = f"`{parameters.default(name)}`" if parameters.default(name) else ""
        rows.append(f"| `{name}` | {default} | {description(parameter)} |")
    assert "\n".join(rows) in (DOCS / "deploy.md").read_text("utf-8"), "\n".join(rows)
