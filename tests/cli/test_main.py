"""What all commands have in common: how they end."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import emulator
import imagelabels
from emulator import arguments
from imagelabels.cli import main as cli
from imagelabels.cli.commands import detect
from tests.model import PHOTOS, model_path
from tests.site import Terminal

PHOTO = str(PHOTOS / "rocket.jpg")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


def all_commands(group: click.Group, before: str = "") -> Iterator[str]:
    """Yield the names of the commands and of the commands in them."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{before}{name}"
        if isinstance(command, click.Group):
            yield from all_commands(command, f"{before}{name} ")


COMMANDS = list(all_commands(cli.program()))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples_that_can_be_typed(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*command.split(), "--help"]) == 0
    out = capsys.readouterr().out
    assert f"Usage: imagelabels {command}" in out
    examples = [line.strip() for line in out.partition("Examples:\n")[2].splitlines()]
    assert examples
    for example in examples:
        if example.startswith("imagelabels-emulator "):
            arguments.parser().parse_args(shlex.split(example)[1:])
            continue
        assert f"imagelabels {command}" in example
        _understood(re.sub(r"^echo 'eval \"\$\((.*)\)\"' >> .*|(imagelabels [^>]+) > .*", r"\1\2", example))


def _understood(line: str) -> None:
    """The command that the line names takes its words."""
    name, *words = shlex.split(line)
    command: click.Command | None = cli.program()
    while isinstance(command, click.Group):
        name, words = words[0], words[1:]
        command = command.get_command(click.Context(command), name)
    assert command is not None
    command.make_context(name, words)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_help_fits_80_columns_and_its_examples_stand_apart(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main([*command.split(), "--help"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert out.count("Examples:") == out.count("\n\n  Examples:\n") == 1
    assert "\n\n\n" not in out
    assert out.split("\n\n")[1].strip()[0].isupper(), "a sentence says what the command does"


def test_the_help_of_detect_says_what_its_columns_mean(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["detect", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "centric score (0 to 1: how much the thing is in the middle of the picture)" in out
    assert "level (1 is a category" in out


def test_the_version_is_told_and_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"imagelabels {imagelabels.__version__}\n"
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert f'version = "{imagelabels.__version__}"' in project
    assert emulator.__version__ == imagelabels.__version__, "both come in one wheel"


@pytest.mark.story
def test_the_package_runs_as_the_command_does() -> None:
    command = [sys.executable, "-m", "imagelabels", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("imagelabels ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["detct"], "detct is not one of album, attach, backfill, completion, correct, deploy, detect"),
        (["search", "--state", "labeled"], "did you mean labelled?"),
        (["undo", "--dryrun", "oss://b/"], "imagelabels undo: there is no option --dryrun: did you mean --dry-run?"),
        (["index", "create", "x"], "imagelabels index create: this is one word too many: x"),
        (["why", "a\x1b.jpg"], "a\\x1b.jpg"),
    ],
)
def test_an_error_comes_first_and_names_what_was_meant(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert said in lines[0]
    assert len(lines) == 2
    assert lines[1].startswith("Usage: imagelabels")


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "COMMAND" in capsys.readouterr().err


def test_a_missing_package_is_named_instead_of_a_stack_trace(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("imagelabels.providers.onnx.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert cli.main(["detect", PHOTO, "--model", str(model)]) == 2
    err = capsys.readouterr().err
    command = f"{shlex.quote(sys.executable)} -m pip install 'imagelabels[embedded]'"
    assert err == f"imagelabels: onnxruntime is missing: `{command}` brings it\n"


def test_people_need_no_package_for_what_they_see_on_a_terminal(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("rich", "rich.console", "rich.table", "rich.text"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert cli.main(["detect", PHOTO, "--model", str(model)]) == 0
    assert cli.main(["detect", PHOTO, "--model", str(model), "--explain"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("module", ["jinja2", "waitress"])
def test_what_the_page_misses_is_named_with_the_extra_that_brings_it(module: str, tmp_path: Path) -> None:
    begin = f"import sys; sys.modules[{module!r}] = None; from imagelabels.cli.main import main; sys.exit(main())"
    words = ["serve", "--index", f"sqlite:///{tmp_path}/photos.db"]
    environ = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", begin, *words], env=environ, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith(f"imagelabels: {module}")
    assert "pip install 'imagelabels[album]'" in done.stderr


def test_a_missing_package_of_a_cloud_is_named_with_that_clouds_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "imagelabels.providers.aliyun.tablestore.label_index", raising=False)
    monkeypatch.setitem(sys.modules, "tablestore", None)
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.setenv(name, "some")
    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    assert cli.main(["search", "--index", "tablestore://instance"]) == 2
    assert "pip install 'imagelabels[aliyun]'" in capsys.readouterr().err


def test_a_terminal_without_chinese_gets_escapes_instead_of_a_stack_trace(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    assert cli.main(["detect", PHOTO, "--model", str(model), "--language", "zh-Hans"]) == 0
    assert rb"\u98de\u884c\u5668" in out.getvalue()


def test_ctrl_c_ends_quietly(model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(detect, "in_order", interrupt)
    assert cli.main(["detect", PHOTO, "--model", str(model)]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.story
def test_a_reader_that_has_seen_enough_ends_us_quietly(model: Path) -> None:
    photos = [PHOTO] * 24
    command = [
        sys.executable,
        "-m",
        "imagelabels",
        "detect",
        "--threshold",
        "0",
        "--model",
        str(model),
        *photos,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        assert running.wait() == 141
        assert running.stderr.read() == b""
