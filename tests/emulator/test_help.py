"""The help of the emulator: topics, and the options of `up` in groups, on a terminal of 80 columns."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import pytest

from emulator import topics
from emulator.__main__ import main
from emulator.arguments import parser
from emulator.functions.deployment import FunctionFiles
from emulator.services import PLATFORMS
from tests import shown


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def up() -> argparse.ArgumentParser:
    (commands,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    found: argparse.ArgumentParser = commands.choices["up"]
    return found


@pytest.mark.parametrize("topic", topics.TOPICS)
def test_a_topic_would_not_be_shown_or_not_fit_into_80_columns(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "help", topic)
    assert len(text.splitlines()) > 5
    assert not text.startswith((" ", "\n"))
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_topic_would_not_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    listed = printed(capsys, "help")
    assert re.findall(r"^  ([a-z]+) +[a-zA-Z]", listed, re.MULTILINE) == list(topics.TOPICS)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert listed in capsys.readouterr().out


def test_a_topic_that_does_not_exist_would_be_met_with_silence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["help", "buckts"])
    assert "there is no topic 'buckts': choose start, clients, " in capsys.readouterr().err


@pytest.mark.parametrize("topic", topics.TOPICS)
def test_a_topic_would_name_an_option_that_does_not_exist(topic: str) -> None:
    known = {name for action in up()._actions for name in action.option_strings}
    assert set(re.findall(r"--[a-z][a-z-]+", topics.text(topic))) <= known


def test_a_command_in_a_topic_would_be_refused() -> None:
    (block,) = re.findall(r"^(up .*\n(?:(?:up| ).*\n)*)", topics.text("start"), re.MULTILINE)
    commands = [f"python -m emulator {line.split('   ')[0]}" for line in block.splitlines() if line.startswith("up")]
    assert len(commands) == 3
    assert [why for line in commands if (why := shown.complaint(line.split())) is not None] == []


def test_the_functions_in_a_topic_would_be_refused(tmp_path: Path) -> None:
    (listed,) = re.findall(r"^  (\[.*?\])$", topics.text("functions"), re.MULTILINE | re.DOTALL)
    (tmp_path / "functions.json").write_text(listed)
    for folder in ("thumbs", "shared"):
        (tmp_path / folder).mkdir()
    (tmp_path / "thumbs" / "index.py").touch()
    (deployed,) = FunctionFiles(PLATFORMS, tmp_path, Path(sys.executable)).read(tmp_path / "functions.json")
    assert deployed.function.name == "thumbs"
    assert deployed.rule is not None


def test_an_option_would_stand_in_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rest, _, grouped = up().format_help().partition("address and state:")
    assert re.findall(r"^  (-[-\w]+)", rest, re.MULTILINE) == ["-h"]
    assert len(re.findall(r"^  (--[-\w]+)", grouped, re.MULTILINE)) > 20
    assert all(len(line) <= 80 for line in up().format_help().splitlines())
    assert rest.startswith("usage: python -m emulator up --data DIR [OPTION ...]\n")
