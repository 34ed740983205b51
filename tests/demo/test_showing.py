"""These tests check what the demo prints for one photo and for all photos."""

from __future__ import annotations

import pytest

from demo import showing
from demo.files import DemoFiles, LeftOut
from demo.showing import Fate


@pytest.mark.parametrize(
    ("fate", "text", "kind"),
    [
        (Fate({"label:b": "y", "label:a": "x"}), "label:a=x label:b=y", "with labels"),
        (Fate(), "(no labels)", "without labels"),
        (Fate(word="skipped", reason="empty"), "(skipped: empty)", "skipped (empty)"),
        (
            Fate(word="skipped", reason="unsupported_format", notes=("format_heic",)),
            "(skipped: unsupported_format, format_heic)",
            "skipped (unsupported_format)",
        ),
        (Fate(word="refused by the store", notes=("No: bad",)), "(refused by the store: No: bad)", None),
        (Fate(word="without a row"), "(without a row)", "without a row"),
    ],
)
def test_a_photo_without_labels_is_shown_with_its_state_and_reason(fate: Fate, text: str, kind: str | None) -> None:
    assert fate.text() == text
    assert fate.kind() == (kind or fate.word)


def test_lines_fit_into_80_columns_and_a_number_stays_with_what_it_counts(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = [f"kind{number}" for number in range(40)]
    showing.left_out(
        DemoFiles((), tuple(LeftOut(f"a.{kind}", kind, "It is " + "very " * 30 + "odd.") for kind in kinds))
    )
    showing.verdict("oss", [Fate(word=kind) for kind in kinds], 40, "function")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith(" 1") for line in lines)


def test_a_name_that_could_steer_a_terminal_is_printed_harmlessly(capsys: pytest.CaptureFixture[str]) -> None:
    key = "\x1b[2Jnew\nline.jpg"
    showing.photos([key], ["oss://photos"], {f"oss://photos/{key}": Fate()})
    showing.left_out(DemoFiles((), (LeftOut(key, "txt", "No."),)))
    assert capsys.readouterr().out.count("\\x1b[2Jnew\\nline.jpg\n") == 2


def test_one_invocation_is_not_several(capsys: pytest.CaptureFixture[str]) -> None:
    showing.verdict("oss", [Fate()], 1, "aliyun_label")
    showing.verdict("oss", [Fate()], 2, "aliyun_label")
    assert capsys.readouterr().out.splitlines() == [
        "oss: 1 without labels, by 1 invocation of aliyun_label",
        "oss: 1 without labels, by 2 invocations of aliyun_label",
    ]
