"""Commands are found in their folder, and their words are read as people expect."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from imagelabels.cli import commands
from imagelabels.cli.command import Command, Several
from imagelabels.cli.main import main

TOY = '''"""`imagelabels toy`: play with a toy."""

from imagelabels.cli.command import Command, examples

print("the toy was imported")


def command() -> Command:
    return Command("toy", run, dict, help="Play.", epilog=examples("imagelabels toy"))


def run(args: object) -> int:
    print("played")
    return 7
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of commands with one more module in it."""
    (tmp_path / "toy.py").write_text(TOY)
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{commands.__name__}.toy", raising=False)


@pytest.mark.usefixtures("toy")
def test_a_module_in_the_folder_is_a_command_and_nothing_else_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "  toy         play with a toy\n" in out
    assert "imported" not in out, "a help of all commands runs none of their modules"
    assert main(["toy"]) == 7
    assert capsys.readouterr().out == "the toy was imported\nplayed\n"
    assert main(["toi"]) == 2
    assert capsys.readouterr().err.splitlines()[0].endswith("did you mean toy?")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["labels", "--help"], ["labels", "cat"]])
def test_a_command_imports_no_other_command_and_no_library_that_it_does_not_need(arguments: list[str]) -> None:
    code = f"import sys; from imagelabels.cli.main import main; main({arguments}); print('\\n', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not {"argparse", "rich", "pydantic", "numpy", "sqlite3", "imagelabels.wiring"} & loaded
    ours = {name.rpartition(".")[2] for name in loaded if name.startswith("imagelabels.cli.commands.")}
    assert ours == {word for word in arguments if not word.startswith("-")} - {"cat"}


def _read(*words: str) -> dict[str, object]:
    command = Command(
        "read",
        lambda args: 0,
        dict,
        params=[
            click.Argument(["paths"], nargs=-1),
            Several(["--any"]),
            Several(["--none"]),
            click.Option(["--output"]),
            click.Option(["--counts"], is_flag=True),
        ],
    )
    read: dict[str, object] = command.parsed(*words)
    return read


NOTHING: dict[str, object] = {"paths": (), "any": (), "none": (), "output": None, "counts": False}


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["--any", "cat", "dog"], {"any": ("cat", "dog")}),
        (["a", "--any", "cat", "dog", "--counts", "b"], {"paths": ("a", "b"), "any": ("cat", "dog"), "counts": True}),
        (["--any", "cat", "--none", "dog", "--any", "cow"], {"any": ("cat", "cow"), "none": ("dog",)}),
        (["--any", "cat", "--", "dog"], {"any": ("cat",), "paths": ("dog",)}),
        (["--any=cat", "dog"], {"any": ("cat",), "paths": ("dog",)}),
        (["--any", "-", "-5", "my -boat", "-my boat"], {"any": ("-", "-5", "my -boat", "-my boat")}),
        (["--", "-x.jpg", "--counts", "--", "-"], {"paths": ("-x.jpg", "--counts", "--", "-")}),
        (["-", "-5", "-my photo.jpg", ""], {"paths": ("-", "-5", "-my photo.jpg", "")}),
        (["--output", "-", "--any=a=b c"], {"output": "-", "any": ("a=b c",)}),
        (["--output=--counts"], {"output": "--counts"}),
        (["--output="], {"output": ""}),
        (["--out", "x", "--c"], {"output": "x", "counts": True}),
    ],
)
def test_words_are_read_as_the_options_and_paths_that_they_are(words: list[str], read: dict[str, object]) -> None:
    assert _read(*words) == NOTHING | read


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output", "--counts"], "option --output needs a value behind it"),
        (["--any", "--", "cat"], "option --any needs a value behind it"),
        (["--output"], "option --output needs a value behind it"),
        (["--counts=5"], "Option '--counts' does not take a value"),
    ],
)
def test_an_option_is_never_the_value_of_the_one_before_it(words: list[str], said: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        _read(*words)
    assert said in caught.value.format_message()


def test_an_option_that_is_cut_short_too_far_is_told_what_it_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--f", "json"]) == 2
    assert capsys.readouterr().err.startswith("imagelabels search: --f may be --from or --format\n")


def test_a_missing_word_is_named_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("imagelabels why: URI is missing: the picture's, as oss://bucket/path/picture.jpg")
    assert second == "Usage: imagelabels why [OPTIONS] URI; `imagelabels why --help` explains it"


@pytest.mark.parametrize(
    ("arguments", "escape"),
    [
        (["\x1b[2J"], r"\x1b[2J is not one of"),
        (["--\x1b[2J"], r"there is no option --\x1b[2J"),
        (["labels", "--\u202egpj=x"], r"there is no option --\u202egpj"),
        (["labels", "a", "b\nc\udcff"], r"one word too many: b\nc\udcff"),
        (["labels", "--language", "\x9b"], r"\x9b is not one of"),
        (["undo", "x\x1b]0;"], r"x\x1b]0; does not begin like a URI"),
        (["completion", "\x07sh"], r"\x07sh is not one of bash, zsh, fish"),
        (["detect", "-\x1b"], r"there is no option -\x1b"),
    ],
)
def test_no_word_that_is_refused_can_act_on_a_terminal(
    arguments: list[str], escape: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert escape in lines[0]
    assert all(line.isprintable() for line in lines)
    assert len(lines) == 2


@pytest.mark.parametrize(
    "command",
    [["search"], ["labels"], ["why"], ["correct"], ["relabel"], ["undo"], ["detect"]],
    ids=lambda words: words[0],
)
def test_every_command_has_the_same_formats(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    assert "--format [table|json]" in capsys.readouterr().out
    assert main([*command, "--format", "jsn"]) == 2
    assert "jsn is not one of table, json: did you mean json?" in capsys.readouterr().err
    assert main([*command, "--format", "text", "--no-such-option"]) == 2
    assert "there is no option" in capsys.readouterr().err, "earlier versions' name of the table is taken"
