"""The Tab key completes commands, options, choices and labels, in every shell that we promise it for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from imagelabels.cli.main import main

SHELLS = ["bash", "zsh", "fish"]


def completed(shell: str, *words: str) -> list[str]:
    """What the shell is told for the last of the words, as its script asks for it."""
    last = {"fish": words[-1]}.get(shell, str(len(words)))
    environment = {
        "PYTHONPATH": ":".join(sys.path),
        "PYTHONUTF8": "1",
        "_IMAGELABELS_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(["imagelabels", *words]),
        "COMP_CWORD": last,
    }
    command = [sys.executable, "-X", "importtime", "-m", "imagelabels"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=True)
    assert not {"pydantic", "numpy", "sqlite3"} & {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    lines = done.stdout.splitlines()
    if shell == "zsh":
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("sea",), ["search"]),
        (("index", "m"), ["migrate"]),
        (("search", "--min"), ["--min-confidence"]),
        (("why", "--format", ""), ["table", "json"]),
        (("search", "--order", "o"), ["oldest"]),
        (("search", "golden"), ["golden-retriever"]),
        (("search", "dog", "--any", "cat", "tabb"), ["tabby-cat"]),
        (("labels", "哺"), ["哺乳动物"]),
    ],
)
def test_what_may_come_next_is_told(shell: str, words: tuple[str, ...], found: list[str]) -> None:
    assert completed(shell, *words) == found


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_a_script_that_asks_us(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_IMAGELABELS_COMPLETE={shell}_complete" in script
    assert "imagelabels" in script


def test_paths_are_left_to_the_shell() -> None:
    assert completed("bash", "detect", "photos/ca") == ["photos/ca"]
    assert completed("bash", "detect", "--policy", "my") == ["my"]


def test_a_shell_that_we_do_not_know_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "tcsh is not one of bash, zsh, fish" in capsys.readouterr().err
