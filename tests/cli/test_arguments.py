"""Arguments: refusals are short, name what is wrong and say what was probably meant."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from imagelabels.cli.arguments import begin, object_ref, place, unescaped
from imagelabels.cli.main import main
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.walk import Place
from imagelabels.views.printing import escaped
from tests.contract.samples import ODD_KEYS


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        ([], "imagelabels: COMMAND is missing: name one of "),
        (["serch", "dog"], "imagelabels: argument COMMAND: serch is not one of "),
        (["serch", "dog"], "did you mean search?"),
        (["lables"], "did you mean labels?"),
        (["index"], "imagelabels index: COMMAND is missing: name one of create, migrate"),
        (["index", "crate"], "imagelabels index: argument COMMAND: crate is not one of create, migrate"),
        (["index", "crate"], "did you mean create?"),
        (
            ["index", "create", "--indx", "x"],
            "imagelabels index create: there is no option --indx: did you mean --index?",
        ),
        (["labels", "dog", "cat"], "imagelabels labels: this is one word too many: cat"),
        (["search", "--order", "best"], "best is not one of newest, oldest, confidence, uri\n"),
        (["labels", "--language", "zh"], "zh is not one of en, zh-Hans: did you mean zh-Hans?"),
        (["labels", "--language", "fr"], "fr is not one of en, zh-Hans"),
        (["search", "--state", "labeled"], "did you mean labelled?"),
        (["search", "--state", "\x1b[2J"], r"\x1b[2J is not one of"),
        (["search", "--reson", "x"], "imagelabels search: there is no option --reson: did you mean --reason?"),
        (["search", "--qqq"], "imagelabels search: there is no option --qqq"),
        (["doctor", "--index", "x"], "there is no option --index: set IMAGELABELS_INDEX to the index"),
    ],
)
def test_a_refusal_is_two_lines_that_name_the_command_and_the_fault(
    argv: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    printed = capsys.readouterr()
    first, second = printed.err.splitlines(keepends=True)
    assert complaint in first
    assert second.startswith("Usage: imagelabels")
    assert printed.out == ""


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: ascii(key)[:40])
def test_what_was_printed_is_read_as_what_it_was(key: str) -> None:
    assert unescaped(escaped(key)) == key


@pytest.mark.parametrize("text", [r"C:\new folder\x", r"one\backslash", r"\q", "\\", r"\U00110000", r"\xzz", "露\\营"])
def test_what_was_never_printed_so_is_taken_as_it_stands(text: str) -> None:
    assert unescaped(text) == text


def test_a_prefix_may_be_pasted_from_the_lines_or_from_the_json() -> None:
    assert begin(r"oss://b/a\\b\n") == ("oss://b", "a\\b\n")
    assert begin(r"oss://b/a\b") == ("oss://b", r"a\b")
    assert begin("") == ("", "")


@pytest.mark.parametrize("command", [["why"], ["undo"], ["relabel"], ["correct"], ["search", "--prefix"]])
@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("photos/", "photos/"),
        ("photos", "photos/"),
        ("photos/cat.png", "photos/cat.png"),
        ("./gone.png", "gone.png"),
        ("photos/a\nb.png", r"photos/a\nb.png"),
    ],
)
def test_who_names_a_file_of_this_machine_by_its_path_reads_its_uri(
    command: list[str],
    path: str,
    uri: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name in ("cat.png", "a\nb.png"):
        (tmp_path / "photos" / name).touch()
    for given in (path, f"{tmp_path}/{path}"):
        assert main([*command, given]) == 2
        said = capsys.readouterr().err.splitlines()[0]
        assert "is a path of this machine: write " in said
        assert shlex.split(said)[-1] == f"file://{tmp_path}/{uri}"


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: ascii(key)[:40])
def test_the_uri_of_an_odd_name_is_taken_as_it_was_printed_by_every_command(key: str) -> None:
    printed = escaped(f"oss://bucket/{key}")
    assert object_ref(printed).key == key
    assert place(printed).prefix == begin(printed)[1] == key


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: ascii(key)[:40])
def test_the_uri_that_a_search_printed_names_the_same_object_to_every_other_command(key: str) -> None:
    assert object_ref(escaped(f"oss://bucket/{key}")) == ObjectRef("oss", "bucket", key)
    assert place(escaped(f"file:///{key}")) == Place("file", "", key)


@pytest.mark.parametrize("text", ["", "oss:", "oss://", "s3://bucket/key", "file://host/a"])
def test_what_names_no_place_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="as oss://bucket/path/"):
        place(text)


@pytest.mark.parametrize("text", ["file://host/a", "file://x"])
def test_a_machine_in_a_files_address_finds_nothing_and_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not begin like a URI"):
        begin(text)


def test_the_short_usage_shows_that_a_word_may_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", "--no"]) == 2
    assert "Usage: imagelabels labels [OPTIONS] [WORD]; " in capsys.readouterr().err
