"""These tests check the lines that tell a person how to continue after the demo."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from demo import going_on


@dataclass
class FakeClouds:
    """The facts about an emulator that does not run."""

    port: int = 9000
    data: Path = Path(".demo")
    user_settings: dict[str, str] = field(default_factory=lambda: {"KEY": "it's $x"})


def test_the_lines_name_an_object_that_has_the_label_which_they_take_away() -> None:
    labelled = {
        "oss://photos/a very long name of a picture.jpg": {"label:cat": "mammal"},
        "cos://photos-1/b.jpg": {"label:football-helmet": "clothing", "label:person": "person"},
    }
    assert list(going_on.commands(labelled, list(labelled))) == [
        "  imagelabels search person",
        "  imagelabels why cos://photos-1/b.jpg",
        "  imagelabels correct cos://photos-1/b.jpg --not person --add cake",
        "  imagelabels undo cos://photos-1/ --dry-run",
    ]


def test_an_odd_name_reaches_the_command_as_it_is() -> None:
    uri = 'oss://photos/it\'s $HOME "q".jpg'
    (line,) = going_on.commands({}, [uri])
    assert shlex.split(line) == ["imagelabels", "why", uri]
    (line, *_) = list(going_on.commands({uri: {"label:cat": "mammal"}}, [uri]))[1:]
    assert shlex.split(line) == ["imagelabels", "why", uri]


def test_a_name_with_a_line_break_would_be_in_a_command_that_cannot_be_pasted() -> None:
    labelled = {
        "oss://photos/a\nb.jpg": {"label:cat": "mammal"},
        "oss://photos/a long name.jpg": {"label:dog": "mammal"},
    }
    assert "imagelabels why 'oss://photos/a long name.jpg'" in "".join(going_on.commands(labelled, list(labelled)))


def test_the_clouds_are_started_again_over_what_they_held_unless_they_run_on() -> None:
    ended = going_on.lines({}, ["oss://photos/a.jpg"], FakeClouds(), None)
    assert "  .venv/bin/python -m emulator up --data .demo/emulator \\" in ended
    assert "    --deploy .demo/functions.json" in ended
    assert ended[-1] == "`make demo KEEP=1` also shows the pictures in a browser, at http://127.0.0.1:8080/"
    kept = going_on.lines({}, ["oss://photos/a.jpg"], FakeClouds(), "http://127.0.0.1:8080/login?token=x")
    assert kept[-1] == "  http://127.0.0.1:8080/login?token=x"
    assert not any("emulator up" in line for line in kept)
    for lines in (ended, kept):
        assert "  export KEY='it'\"'\"'s $x'" in lines
        assert '  export PATH="$PWD/.venv/bin:$PATH"' in lines


def test_another_port_and_a_folder_elsewhere_are_kept_in_the_command() -> None:
    command = " ".join(line.strip(" \\") for line in going_on.restart(FakeClouds(9001, Path("/some where"))))
    assert shlex.split(command) == [
        *(".venv/bin/python", "-m", "emulator", "up", "--data", "/some where/emulator"),
        *("--deploy", "/some where/functions.json", "--port", "9001"),
    ]
