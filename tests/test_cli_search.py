"""`imagelabels search` over a real index of a few pictures."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from imagelabels import cli_search
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import LabelIndex
from imagelabels.providers.embedded.database import Database
from imagelabels.providers.embedded.label_index import SqliteLabelIndex
from imagelabels.providers.embedded.ledger import SqliteLedger
from tests.contract.samples import label, put, record

EVIL = "evil\n\x1b[2J[red]\u202egpj"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "index.db")) as opened:
        ledger = SqliteLedger(opened)
        dog = label("dog", 0.93, "mammal", "Dogs")
        for key, labels, at in (
            ("dog.jpg", (dog,), 1),
            ("dog-on-beach.jpg", (dog, label("seashore", 0.5)), 2),
            (EVIL, (label("imm:露营", 0.8, None, "露\x1b营"),), 3),
        ):
            put(ledger, record(ObjectRef("oss", "album", key), labels, updated_at=1_700_000_000_000 + at))
        yield opened


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    cli_search.add(parser.add_subparsers(required=True))
    return parser.parse_args(["search", *arguments])


def _ask(database: Database, *arguments: str) -> int:
    return cli_search.run(_parsed(*arguments), lambda _: SqliteLabelIndex(database))


@pytest.fixture
def ask(database: Database, capsys: pytest.CaptureFixture[str]) -> Ask:
    return Ask(database, capsys)


class Ask:
    """Runs a search; keeps what it printed."""

    def __init__(self, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
        self._database, self._capsys = database, capsys
        self.errors = ""

    def __call__(self, *arguments: str) -> list[str]:
        assert _ask(self._database, *arguments) == 0
        lines, self.errors = self._capsys.readouterr()
        return lines.splitlines()

    def keys(self, *arguments: str) -> list[str]:
        rows = [json.loads(line) for line in self("--format", "json", *arguments)]
        return [row["uri"].removeprefix("oss://album/") for row in rows if "uri" in row]


def test_all_words_must_match_and_any_word_is_enough(ask: Ask) -> None:
    assert ask.keys("dog") == ["dog-on-beach.jpg", "dog.jpg"]
    assert ask.keys("dog", "seashore") == ["dog-on-beach.jpg"]
    assert ask.keys("--any", "seashore", "露营") == [EVIL, "dog-on-beach.jpg"]
    assert ask.keys("dog", "--any", "seashore", "露营") == ["dog-on-beach.jpg"]
    assert len(ask.keys()) == 3


def test_a_wide_word_finds_what_is_below_it(ask: Ask) -> None:
    assert ask.keys("mammal", "--order", "uri") == ["dog-on-beach.jpg", "dog.jpg"]


def test_confidence_prefix_order_and_limit_are_heeded(ask: Ask) -> None:
    assert ask.keys("seashore", "--min-confidence", "0.51") == []
    assert ask.keys("--prefix", "oss://album/dog.") == ["dog.jpg"]
    assert len(ask.keys("--prefix", "oss://album")) == len(ask.keys("--prefix", "oss://album/")) == 3
    assert ask.keys("--prefix", "oss://alb") == []
    assert ask.keys("--order", "uri", "--limit", "1") == ["dog-on-beach.jpg"]
    assert ask.keys("--order", "oldest", "--limit", "1") == ["dog.jpg"]
    assert ask.keys("--order", "confidence", "--limit", "2") == ["dog-on-beach.jpg", "dog.jpg"]


def test_what_a_picture_must_not_show_and_how_sure_each_word_is_are_heeded(ask: Ask) -> None:
    assert ask.keys("dog", "--none", "seashore") == ["dog.jpg"]
    assert ask.keys("dog", "--none", "seashore:0.51") == ["dog-on-beach.jpg", "dog.jpg"]
    assert ask.keys("dog:0.93") == ["dog-on-beach.jpg", "dog.jpg"]
    assert ask.keys("dog:0.94", "--min-confidence", "0.1") == []
    assert ask.keys("dog", "seashore:0.5", "--min-confidence", "0.9") == ["dog-on-beach.jpg"]


def test_times_are_dates_or_moments_and_utc_where_they_name_no_zone(ask: Ask) -> None:
    # All were uploaded at 22:13:20 on the day before, and labelled then too.
    assert ask.keys("--until", "2023-11-14") == ask.keys("--from", "2023-11-15") == []
    assert len(ask.keys("--from", "2023-11-14", "--until", "2023-11-15")) == 3
    assert len(ask.keys("--from", "2023-11-14T22:13:20Z")) == len(ask.keys("--from", "2023-11-14 22:13:20")) == 3
    assert ask.keys("--from", "2023-11-14T22:13:21Z") == ask.keys("--until", "2023-11-15T06:13:20+08:00") == []
    assert len(ask.keys("--since", "2023-11-14T22:13Z")) == 3
    assert ask.keys("--since", "2023-11-14T22:14Z") == []


def test_pictures_that_were_not_labelled_are_found_by_what_became_of_them(database: Database, ask: Ask) -> None:
    put(SqliteLedger(database), record(ObjectRef("oss", "album", "torn.jpg"), (), "skipped", "corrupt"))
    assert ask.keys("--state", "skipped") == ["torn.jpg"]
    assert ask.keys("--state", "parked") == []


def test_counts_are_told_by_category_and_label_and_for_machines(ask: Ask) -> None:
    assert ask("dog", "--counts") == ["2\tpictures", "2\tlabel\tdog", "1\tlabel\tseashore"]
    (line,) = ask("--counts", "--format", "json")
    assert json.loads(line) == {"total": 3, "categories": {}, "labels": {"dog": 2, "imm:露营": 1, "seashore": 1}}
    assert ask("cat", "--counts") == ["0\tpictures"]
    assert ask.errors == "no picture matches\n"


def test_counts_name_the_categories_first(database: Database, ask: Ask) -> None:
    row = record(ObjectRef("oss", "album", "husky.jpg"), (label("husky"),), ancestors={"husky": ("dog", "mammal")})
    put(SqliteLedger(database), row)
    assert ask("mammal", "--none", "dog:0.91", "--counts") == [
        *("1\tpictures", "1\tcategory\tmammal"),
        *("1\tlabel\tdog", "1\tlabel\thusky", "1\tlabel\tmammal"),
    ]


def test_no_label_in_the_counts_can_act_on_a_terminal(database: Database, ask: Ask) -> None:
    put(SqliteLedger(database), record(ObjectRef("oss", "album", "x"), (label("imm:\x1b[2J\n"),)))
    assert all(line.replace("\t", "").isprintable() for line in ask("--counts"))


def test_json_is_one_line_per_picture_with_the_labels_of_detect(ask: Ask) -> None:
    (line,) = ask("seashore", "--format", "json")
    assert json.loads(line) == {
        "uri": "oss://album/dog-on-beach.jpg",
        "labels": [
            {
                "LabelId": "dog",
                "LabelName": "Dogs",
                "LabelConfidence": 0.93,
                "CentricScore": 0.5,
                "LabelLevel": 3,
                "ParentLabelName": "Mammals",
                "Language": "en",
            },
            {
                "LabelId": "seashore",
                "LabelName": "Seashore",
                "LabelConfidence": 0.5,
                "CentricScore": 0.5,
                "LabelLevel": 3,
                "ParentLabelName": "",
                "Language": "en",
            },
        ],
        "width": 640,
        "height": 480,
        "taken_at": "2023-07-01T12:00:00",
        "updated_at": 1_700_000_000_002,
        "state": "labelled",
    }


def test_the_last_line_of_json_names_the_next_page_until_there_is_none(ask: Ask) -> None:
    first = [json.loads(line) for line in ask("dog", "--limit", "1", "--format", "json")]
    assert [next(iter(line)) for line in first] == ["uri", "next"]
    second = [json.loads(line) for line in ask("dog", "--limit", "1", "--format", "json", "--page", first[1]["next"])]
    assert [line.get("uri") for line in second] == ["oss://album/dog.jpg"]


def test_a_pipe_gets_one_line_per_picture_with_tabs_between(ask: Ask) -> None:
    lines = ask("dog", "--order", "uri")
    assert [line.split("\t") for line in lines] == [
        ["oss://album/dog-on-beach.jpg", "Dogs 0.93, Seashore 0.50", "640x480", "2023-11-14 22:13:20Z"],
        ["oss://album/dog.jpg", "Dogs 0.93", "640x480", "2023-11-14 22:13:20Z"],
    ]
    assert ask.errors == ""


def test_the_next_page_is_named_where_it_is_in_nobody_s_way(ask: Ask) -> None:
    assert len(ask("dog", "--limit", "1")) == 1
    token = ask.errors.partition("--page ")[2].strip()
    assert [line.split("\t")[0] for line in ask("dog", "--limit", "1", "--page", token)] == ["oss://album/dog.jpg"]
    assert ask.errors == ""


@pytest.mark.parametrize("format", ["table", "json"])
def test_no_key_and_no_label_can_act_on_a_terminal_or_add_a_line(ask: Ask, format: str) -> None:
    (line,) = ask("露营", "--format", format)
    assert line.replace("\t", "").isprintable()
    assert r"evil\n\x1b[2J[red]\u202egpj" in line or r"evil\n\u001b[2J[red]\u202egpj" in line


def test_people_get_a_table_in_which_no_key_is_mark_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    assert _ask(database) == 0
    shown = terminal.getvalue()
    assert r"oss://album/evil\n\x1b[2J[red]\u202egpj" in shown
    assert r"露\x1b营 0.80" in shown
    assert "\x1b[2J" not in shown
    assert all(
        heading in shown for heading in ("picture", "labels", "pixels", "labelled at", "Dogs 0.93, Seashore 0.50")
    )


def test_a_key_wider_than_the_terminal_is_shown_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    put(SqliteLedger(database), record(ObjectRef("oss", "album", "k" * 300), (label("kite"),)))
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    assert _ask(database, "--prefix", "oss://album/k") == 0
    shown = terminal.getvalue().splitlines()
    assert sum(line.count("k") for line in shown if "kk" in line) >= 300
    assert max(len(line) for line in shown if "\x1b" not in line) == 60


def test_no_match_is_said_on_stderr_and_is_no_failure(ask: Ask) -> None:
    for format in ("table", "json"):
        assert ask("cat", "dog", "--format", format) == []
        assert ask.errors == "no picture matches\n"


def test_a_misspelt_word_is_answered_with_a_suggestion(ask: Ask) -> None:
    assert ask("chihuahau", "dog") == []
    assert "nothing is called chihuahau: did you mean Chihuahua?" in ask.errors


def test_a_misspelt_word_cannot_act_on_a_terminal(ask: Ask) -> None:
    assert ask("chihuahau\x1b") == []
    assert "\x1b" not in ask.errors


@pytest.mark.parametrize(
    "error",
    [Misconfigured("IMAGELABELS_INDEX is not set: name the database"), Unavailable("throttled", "the index is\nbusy")],
)
def test_an_index_that_is_not_to_be_had_is_a_message_and_status_2(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def open_index(url: str | None) -> LabelIndex:
        raise error

    assert cli_search.run(_parsed("dog"), open_index) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"imagelabels search: {error}\n".replace("is\nbusy", r"is\nbusy")


def test_a_page_token_of_another_query_is_a_message_and_status_2(
    database: Database, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    token = json.loads(ask("dog", "--limit", "1", "--format", "json")[1])["next"]
    assert _ask(database, "seashore", "--page", token) == 2
    assert "another query" in capsys.readouterr().err


def test_a_confidence_that_is_none_is_a_message_and_status_2(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ask(database, "dog:80") == 2
    assert "dog:80: a confidence is from 0 to 1" in capsys.readouterr().err


def test_the_index_that_was_named_is_the_one_that_is_opened(database: Database) -> None:
    opened: list[str | None] = []

    def open_index(url: str | None) -> LabelIndex:
        opened.append(url)
        return SqliteLabelIndex(database)

    assert cli_search.run(_parsed("--index", "sqlite:///labels.db"), open_index) == 0
    assert cli_search.run(_parsed(), open_index) == 0
    assert opened == ["sqlite:///labels.db", None]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--min-confidence", "1.01"), "1.01 is not a number from 0 to 1"),
        (("--min-confidence", "nan"), "nan is not a number from 0 to 1"),
        (("--min-confidence", "much"), "much is not a number from 0 to 1"),
        (("--limit", "0"), "0 is not a number from 1 to 1000"),
        (("--limit", "1001"), "1001 is not a number from 1 to 1000"),
        (("--limit", "1.5"), "1.5 is not a number from 1 to 1000"),
        (("--prefix", "summer/"), "summer/ does not begin like a picture's URI"),
        (("--order", "random"), "invalid choice: 'random'"),
        (("--state", "removed"), "invalid choice: 'removed'"),
        (("--from", "yesterday"), "yesterday is no time: write 2026-11-21"),
        (("--until", "2026-02-30"), "2026-02-30 is no time"),
        (("--since", "1700000000000"), "1700000000000 is no time"),
    ],
)
def test_a_wrong_argument_is_named(
    arguments: tuple[str, str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        _parsed(*arguments)
    assert caught.value.code == 2
    assert complaint in capsys.readouterr().err


def test_the_command_finds_the_index_through_the_environment_in_a_process_of_its_own(database: Database) -> None:
    code = "import sys; from imagelabels.cli import main; sys.exit(main(['search', 'seashore', '--format', 'json']))"
    environment = {"PYTHONPATH": ":".join(sys.path), "IMAGELABELS_INDEX": f"sqlite:///{database.path}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["uri"] == "oss://album/dog-on-beach.jpg"


def test_asking_how_to_search_loads_neither_the_tables_library_nor_a_provider() -> None:
    code = "import sys; import imagelabels.cli_search, imagelabels.printing; print(*sys.modules)"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert not {"rich", "sqlite3", "pydantic", "imagelabels.wiring"} & set(loaded.stdout.split())
