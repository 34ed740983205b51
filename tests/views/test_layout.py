"""How sentences and rows are laid out on a terminal, and in a pipe."""

from __future__ import annotations

import io

import pytest

from imagelabels.cli.arguments import complain
from imagelabels.views import layout as cli_layout
from imagelabels.views.layout import enumerated, print_rows, say, wrapped
from imagelabels.views.printing import cells
from tests.site import Terminal

LONG = "cannot reach demo-photos.oss-cn-hangzhou-internal.aliyuncs.com from here; outside Alibaba's network set X=y"


def test_a_sentence_is_broken_between_words_on_a_terminal_and_is_one_line_in_a_pipe() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    say(LONG, terminal)
    say(LONG, pipe)
    assert terminal.getvalue().splitlines() == [
        "cannot reach demo-photos.oss-cn-hangzhou-internal.aliyuncs.com from here;",
        "  outside Alibaba's network set X=y",
    ]
    assert pipe.getvalue() == f"{LONG}\n"


def test_a_command_in_a_sentence_stays_on_one_line_so_that_it_can_be_copied() -> None:
    terminal = Terminal()
    command = "`/home/me/projects/imagelabels/.venv/bin/python -m pip install 'imagelabels[embedded]'`"
    say(f"imagelabels: numpy is missing: {command} brings it", terminal)
    assert [line.strip() for line in terminal.getvalue().splitlines()] == [
        "imagelabels: numpy is missing:",
        command,
        "brings it",
    ]


def test_a_complaint_of_a_command_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    assert complain("search", f"{LONG} or not, {LONG}") == 2
    assert max(map(cells, terminal.getvalue().splitlines())) <= 80


def test_rows_stand_in_columns_on_a_terminal_also_with_chinese_names_and_have_tabs_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("7", "pictures"), ("12", "label", "露营"), ("3", "reason", "corrupt")]
    print_rows(rows)
    assert capsys.readouterr().out == "7\tpictures\n12\tlabel\t露营\n3\treason\tcorrupt\n"
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    print_rows([*rows, ("露营", "label", "x")])
    assert terminal.getvalue().splitlines() == [
        "7     pictures",
        "12    label     露营",
        "3     reason    corrupt",
        "露营  label     x",
    ]
    print_rows([])


def test_a_word_that_is_wider_than_the_terminal_has_a_line_of_its_own() -> None:
    lines = list(wrapped(enumerated(["a", "b" * 90, "露" * 20, "c"]), "  ", 40))
    assert lines == ["  a,", f"  {'b' * 90},", f"  {'露' * 20},", "  c"]
    assert list(wrapped(enumerated([]), "  ", 40)) == ["  "]


def test_what_stands_beside_a_long_beginning_goes_below_it_where_too_little_room_is_left() -> None:
    begin = f"  {'n' * 25}  0.98  "
    assert list(wrapped(["kept", "by", "you"], begin, 40)) == [begin.rstrip(), "    kept by you"]
    assert cli_layout.NARROW == 20
